-- What was kept before an organisation turned keeping off is not shown again once it is turned on later, also where it was
-- not yet removed; the same for answers that are given again. The previous release writes neither and goes on as before.

alter table inference.content_policies
    add column kept_since timestamptz,
    add column cached_since timestamptz;
