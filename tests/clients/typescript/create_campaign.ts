// Creates a campaign and reads it back, with types that openapi-typescript generated.

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./bams.js";

type NewCampaign = components["schemas"]["NewCampaign"];

const client = createClient<paths>({
  baseUrl: process.env["BAMS_URL"] ?? "",
  headers: { authorization: `Bearer ${process.env["BAMS_KEY"]}` },
  querySerializer: { array: { style: "form", explode: false } },
});

const wanted: NewCampaign = { name: "Spring shoes", status: "draft", tags: ["typescript"] };
// @ts-expect-error The document knows the statuses.
const _unknown: NewCampaign = { name: "Spring shoes", status: "running" };

const created = await client.POST("/api/v1/campaigns", { body: wanted });
assert(created.data, JSON.stringify(created.error));
assert.equal(created.data.status, "draft");
assert.equal(created.data.starts_at, null);
const { id } = created.data;

const path = { campaign_id: id };
const read = await client.GET("/api/v1/campaigns/{campaign_id}", { params: { path } });
assert.deepEqual(read.data, created.data);
assert(read.response.headers.get("etag"));

const listed = await client.GET("/api/v1/campaigns", {
  params: { query: { tag: "typescript", status: ["draft", "active"], sort: "-updated_at" } },
});
assert.deepEqual(listed.data?.items, [created.data]);

const nowhere = { path: { campaign_id: 4_000_000_000 } };
const refused = await client.GET("/api/v1/campaigns/{campaign_id}", { params: nowhere });
assert.equal(refused.error?.code, "unknown_campaign");

console.log("created campaign", id);
