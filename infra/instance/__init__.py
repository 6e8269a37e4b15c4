"""What runs on the instance when its configuration is changed: standard library only, Python 3.11 or newer.

The deployer packs these modules and the new files into one command (`infra.rollout.delivery`), Cloud
Assistant runs it there as root, and nothing of it stays. So an instance that was booted by an older release
is changed by the newest code. Nothing here may import anything else of the program.
"""
