"""nginx's configuration as text: typed contexts, and the text that is made from them. Pure."""
