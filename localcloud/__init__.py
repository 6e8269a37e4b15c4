"""A stand-in for the part of Alibaba Cloud that the program uses: an Internet in a box.

Real packets, real signatures, real instances: the services answer on real addresses inside network
namespaces, instances boot with systemd and run their user data through cloud-init, and the object
storage judges a request by where its packets really came from. Nothing here knows the program that
is tried against it.
"""
