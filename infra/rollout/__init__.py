"""How a configuration reaches a running instance: the resource, and the pieces that it is made of."""
