"""The ways by which messages reach people. Add one as a module of its own and a line in `CHANNELS`."""

from collections.abc import Mapping

from kupong.campaigns.channels.channel import Channel
from kupong.campaigns.channels.email import EMAIL

CHANNELS: Mapping[str, Channel] = {EMAIL.key: EMAIL}

__all__ = ["CHANNELS", "Channel"]
