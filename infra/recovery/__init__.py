"""What an interrupted `pulumi up` leaves in the cloud without the state knowing, and its removal.

Every creating call is answered with an id, and only with the answer the engine can write it down. An engine
that is killed in between knows nothing of what it made, and the next update would make it once more.
"""
