"""Which of a domain's records a list is asked for.

Source: https://github.com/AlibabaCloudDocs/dns, DescribeDomainRecords (2021): key words are found anywhere in
host record and value, whatever their case; a type must be the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from localcloud.rpc.params import Params
from localcloud.services.alidns.models import Record
from localcloud.services.alidns.views import status


def matching(records: Iterable[Record], params: Params) -> list[Record]:
    """Returns the records that meet every condition of a request."""
    word, rr_word, value_word = (
        params.text(name).lower() for name in ("KeyWord", "RRKeyWord", "ValueKeyWord")
    )
    exact = params.text("SearchMode").upper() == "EXACT"

    def meets(record: Record) -> bool:
        rr, value = record.rr.lower(), record.value.lower()
        if word and (word != rr if exact else word not in rr and word not in value):
            return False
        return (
            rr_word in rr
            and value_word in value
            and all(params.text(name, record.type).upper() == record.type for name in ("Type", "TypeKeyWord"))
            and params.text("Line", "default") == "default"
            and params.text("Status", status(enabled=record.enabled)).upper()
            == status(enabled=record.enabled)
        )

    return [record for record in records if meets(record)]
