"""What is typed as a user name, for counting wrong passwords: under a key, never as it was typed.

People type passwords into the wrong box, and patients' identifiers; those who guess try names of
staff. The table of attempts needs to know only which attempts were for the same name.
"""

from typing import Any

from django.http import HttpRequest

from projects.encryption import blind_index


def typed_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Return what stands for the name in axes' tables; the same for any case and outer spaces."""
    name = (credentials or {}).get("username") or request.POST.get("username", "")
    return blind_index(str(name), "typed user name")
