-- Usage is asked for by time. The primary key serves one bucket; with years of buckets a range needs an index of its own.
-- It is written when a bucket appears, never when one changes.

create index usage_buckets_by_time on metering.usage_buckets (org_id, bucket_start);
