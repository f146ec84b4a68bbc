-- Tokens that providers price apart and no meter counted: audio, and input written to a cache for an hour. No event has
-- named them before, so they measure from the beginning. They tell usage apart as the other token meters do.

with finer_meters (meter_id, key, value_path) as (
    values
    ('01900000-0000-7000-8000-000000000007'::uuid, 'llm.audio_input_tokens', 'audio_input_tokens'),
    ('01900000-0000-7000-8000-000000000008', 'llm.audio_cached_read_tokens', 'audio_cached_read_tokens'),
    ('01900000-0000-7000-8000-000000000009', 'llm.audio_output_tokens', 'audio_output_tokens'),
    ('01900000-0000-7000-8000-00000000000a', 'llm.cached_write_hour_tokens', 'cached_write_hour_tokens')
), missing as (
    -- An operator may have defined one by hand.
    select finer_meters.*
    from finer_meters
    where not exists (
        select 1
        from metering.meters
        where meters.key = finer_meters.key)
), made as (
    insert into metering.meters (meter_id, key, aggregation, unit, created_at)
    select meter_id, key, 'sum', 'token', timestamptz '2026-11-21T00:00:00Z'
    from missing
    returning meter_id
)
insert into metering.meter_versions (meter_id, version, effective_from, definition, created_at)
select
    missing.meter_id,
    1,
    timestamptz '2000-01-01T00:00:00Z',
    jsonb_build_object(
        'event_type', 'llm.completion',
        'value_path', missing.value_path,
        'is_optional', true,
        'dimensions', first_meter.tells -> 'dimensions',
        'bands', first_meter.tells -> 'bands'),
    timestamptz '2026-11-21T00:00:00Z'
from missing
join made on made.meter_id = missing.meter_id
cross join (
    select definition as tells
    from metering.meter_versions
    where meter_id = '01900000-0000-7000-8000-000000000001'
        and version = 1
) first_meter;
