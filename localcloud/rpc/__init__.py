"""The RPC protocol of Alibaba Cloud's control APIs: parameters, signatures, answers.

One request names one action (``Action=CreateVpc``); parameters travel in the query or in a form body.
Nothing here knows any service.
"""
