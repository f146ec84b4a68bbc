-- The meters of the sources every installation has. Each reads one event contract, told with an example in
-- docs/guides/sources.md. Their event types were read by no meter before, so they measure from the beginning.

-- One request of many tokens costs more per token with some models: the size of the whole prompt becomes the dimension
-- band, which ordinary requests do not have. All token meters band alike, so that one request is priced as one. No release
-- has counted without it, which is why the first version says so itself.
alter table metering.meter_versions disable trigger meter_versions_are_append_only;

update metering.meter_versions
set definition = definition || jsonb_build_object('bands', jsonb '{
    "paths": ["input_tokens", "cached_read_tokens", "cached_write_tokens"],
    "ranges": [{"up_to": "128000"}, {"up_to": "200000", "name": "128k"}, {"up_to": "272000", "name": "200k"},
        {"up_to": "512000", "name": "272k"}, {"name": "512k"}]}')
where meter_id in ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002')
    and version = 1;

alter table metering.meter_versions enable trigger meter_versions_are_append_only;

with source_meters (meter_id, key, aggregation, unit, definition) as (
    values
    ('01900000-0000-7000-8000-000000000003'::uuid, 'llm.cached_read_tokens', 'sum', 'token', jsonb '{
        "event_type": "llm.completion", "value_path": "cached_read_tokens", "is_optional": true}'),
    ('01900000-0000-7000-8000-000000000004', 'llm.cached_write_tokens', 'sum', 'token', '{
        "event_type": "llm.completion", "value_path": "cached_write_tokens", "is_optional": true}'),
    ('01900000-0000-7000-8000-000000000005', 'llm.reasoning_tokens', 'sum', 'token', '{
        "event_type": "llm.completion", "value_path": "reasoning_tokens", "is_optional": true}'),
    ('01900000-0000-7000-8000-000000000006', 'llm.requests', 'sum', 'request', '{
        "event_type": "llm.completion", "value_path": "requests", "is_optional": true}'),
    ('01900000-0000-7000-8000-000000000010', 'gpu.seconds', 'time_weighted', 'gpu-second', '{
        "event_type": "gpu.allocation", "value_path": "gpus", "resource_path": "allocation", "dimensions": [
        {"name": "allocation", "path": "allocation"}, {"name": "gpu_class", "path": "gpu_class"},
        {"name": "mode", "path": "mode", "default": "on_demand"}, {"name": "project", "path": "project", "default": "none"},
        {"name": "region", "path": "region", "default": "none"},
        {"name": "submitter", "path": "submitter", "default": "none"}]}'),
    ('01900000-0000-7000-8000-000000000011', 'storage.byte_seconds', 'time_weighted', 'byte-second', '{
        "event_type": "storage.volume", "value_path": "bytes", "resource_path": "volume", "dimensions": [
        {"name": "class", "path": "class", "default": "standard"}, {"name": "project", "path": "project", "default": "none"},
        {"name": "region", "path": "region", "default": "none"}, {"name": "volume", "path": "volume"}]}'),
    ('01900000-0000-7000-8000-000000000012', 'network.egress_bytes', 'sum', 'byte', '{
        "event_type": "network.transfer", "value_path": "egress_bytes", "is_optional": true, "dimensions": [
        {"name": "project", "path": "project", "default": "none"}, {"name": "region", "path": "region", "default": "none"}]}'),
    ('01900000-0000-7000-8000-000000000013', 'network.ingress_bytes', 'sum', 'byte', '{
        "event_type": "network.transfer", "value_path": "ingress_bytes", "is_optional": true, "dimensions": [
        {"name": "project", "path": "project", "default": "none"}, {"name": "region", "path": "region", "default": "none"}]}'),
    ('01900000-0000-7000-8000-000000000014', 'scheduler.job_seconds', 'sum', 'job-second', '{
        "event_type": "scheduler.job", "value_path": "seconds", "dimensions": [
        {"name": "project", "path": "project", "default": "none"}, {"name": "queue", "path": "queue", "default": "none"},
        {"name": "submitter", "path": "submitter", "default": "none"}]}'),
    ('01900000-0000-7000-8000-000000000015', 'ingress.requests', 'sum', 'request', '{
        "event_type": "ingress.minute", "value_path": "requests", "dimensions": [
        {"name": "app", "path": "app", "default": "none"}, {"name": "auth_mode", "path": "auth_mode", "default": "none"},
        {"name": "route", "path": "route"}]}'),
    ('01900000-0000-7000-8000-000000000016', 'ingress.bytes', 'sum', 'byte', '{
        "event_type": "ingress.minute", "value_path": "bytes", "dimensions": [
        {"name": "app", "path": "app", "default": "none"}, {"name": "auth_mode", "path": "auth_mode", "default": "none"},
        {"name": "route", "path": "route"}]}'),
    ('01900000-0000-7000-8000-000000000017', 'app.runtime_seconds', 'sum', 'second', '{
        "event_type": "app.runtime", "value_path": "seconds", "dimensions": [
        {"name": "app", "path": "app"}, {"name": "size", "path": "size", "default": "none"}]}'),
    ('01900000-0000-7000-8000-000000000018', 'seats', 'max', 'seat', '{
        "event_type": "seats.assigned", "value_path": "seats", "dimensions": [
        {"name": "kind", "path": "kind", "default": "member"}]}'),
    ('01900000-0000-7000-8000-000000000019', 'agent.runs', 'count', 'run', '{
        "event_type": "agent.run", "dimensions": [
        {"name": "agent", "path": "agent", "default": "none"}, {"name": "project", "path": "project", "default": "none"},
        {"name": "submitter", "path": "submitter", "default": "none"}]}')
), made as (
    insert into metering.meters (meter_id, key, aggregation, unit, created_at)
    select meter_id, key, aggregation, unit, timestamptz '2026-11-21T00:00:00Z'
    from source_meters
    returning meter_id
)
insert into metering.meter_versions (meter_id, version, effective_from, definition, created_at)
select
    source_meters.meter_id,
    1,
    timestamptz '2000-01-01T00:00:00Z',
    case
        -- The further token meters tell usage apart as the first ones do.
        when definition ->> 'event_type' = 'llm.completion' then definition || jsonb_build_object(
            'dimensions', first_meter.tells -> 'dimensions',
            'bands', first_meter.tells -> 'bands')
        else definition
    end,
    timestamptz '2026-11-21T00:00:00Z'
from source_meters
join made on made.meter_id = source_meters.meter_id
cross join (
    select definition as tells
    from metering.meter_versions
    where meter_id = '01900000-0000-7000-8000-000000000001'
        and version = 1
) first_meter;
