"""Creates a campaign and reads it back, with a client that openapi-python-client generated."""

import os

from bams_client import AuthenticatedClient
from bams_client.api.campaigns import create_campaign, list_campaigns, read_campaign
from bams_client.models import Campaign, CampaignList, NewCampaign, Problem, SortName, StatusName

client = AuthenticatedClient(base_url=os.environ["BAMS_URL"], token=os.environ["BAMS_KEY"])

with client:
    wanted = NewCampaign(name="Spring shoes", status=StatusName.DRAFT, tags=["python"])
    created = create_campaign.sync(client=client, body=wanted)
    assert isinstance(created, Campaign), created
    assert created.status == StatusName.DRAFT and created.starts_at is None, created

    read = read_campaign.sync(created.id, client=client)
    assert read == created, read

    listed = list_campaigns.sync(client=client, tag="python", sort=SortName("-updated_at"))
    assert isinstance(listed, CampaignList) and listed.items == [created], listed

    refused = read_campaign.sync_detailed(4_000_000_000, client=client)
    assert refused.status_code == 404, refused
    assert isinstance(refused.parsed, Problem) and refused.parsed.code == "unknown_campaign"

print("created campaign", created.id)
