"""What is to be reached."""

import re


class Target:
    """A bucket behind an endpoint, and the proxy in front of it."""

    def __init__(self, endpoint: str, bucket: str, region: str, key: str, scheme: str, proxy: str) -> None:
        self.endpoint = endpoint
        self.bucket = bucket
        self.region = region
        self.key = key
        self.scheme = scheme
        self.proxy = proxy

    @property
    def host(self) -> str:
        """The bucket's own host."""
        return self.bucket + "." + self.endpoint

    @property
    def port(self) -> int:
        """The port of the scheme."""
        return 443 if self.scheme == "https" else 80

    @property
    def endpoint_region(self) -> str:
        """The region that the endpoint's name has; the finance cloud's names have others than its regions."""
        found = re.match(r"oss-(.+?)-internal\.", self.endpoint)
        named = found.group(1) if found else self.region
        return named if re.match(r"[a-z]{2}-[a-z]+", named) and "finance" not in self.region else self.region

    @property
    def proxy_in_brackets(self) -> str:
        """The proxy's address for the end of a sentence."""
        return " (" + self.proxy + ")" if self.proxy else ""
