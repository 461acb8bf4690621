"""The settings of campaigns: who goes first, what would be too bad, and how much is under way at once."""

from typing import Annotated

from pydantic import Field

from core.campaigns.changes import Canary
from gateway.settings_groups import Group, Positive, Seconds

Share = Annotated[float, Field(ge=0, le=1)]


class CampaignSettings(Group):
    """Campaigns"""

    campaign_canary_share: Share = Field(
        0.01, description="So great a part of a campaign goes first, and the rest waits for it."
    )
    campaign_canary_least: Positive = Field(
        20, description="At least so many go first; a smaller campaign goes all at once."
    )
    campaign_canary_failures: Share = Field(
        0.1,
        description="When a greater part of the first ones fails, the campaign is paused, and only "
        "somebody who resumes it sends the rest.",
    )
    campaign_canary_complaints: Share = Field(
        0.05,
        description="The same when a greater part of those who got it refuse further messages.",
    )
    campaign_canary_seconds: Seconds = Field(
        300.0,
        description="So long after the first ones were sent the rest follows, or as soon as every "
        "receipt has come.",
    )
    campaign_watch_seconds: Seconds = Field(
        600.0,
        description="After the first ones, what was sent in this time is watched by the same two "
        "shares, or the last MOTCUA_CAMPAIGN_CANARY_LEAST where these are more.",
    )
    campaign_window: Positive = Field(
        4000,
        description="So many messages of one campaign wait in the outbox at most; what is beyond "
        "waits with the campaign. Every two seconds it is filled up.",
    )

    @property
    def canary(self) -> Canary:
        """Who goes first, and what would be too bad."""
        return Canary(
            share=self.campaign_canary_share,
            least=self.campaign_canary_least,
            failures=self.campaign_canary_failures,
            complaints=self.campaign_canary_complaints,
            seconds=self.campaign_canary_seconds,
            watch=self.campaign_watch_seconds,
        )
