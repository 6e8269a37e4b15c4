"""The fabric: what turns the API's records of networks and instances into real ones."""
