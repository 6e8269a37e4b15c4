"""The control APIs: records of networks and instances, and the rules that the cloud applies to them."""
