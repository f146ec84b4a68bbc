-- The size that decides which price band a request is in is all of its input. Audio, and what is written to a cache for an
-- hour, came to be counted apart from the rest and were left out of it: a long prompt of them was priced as a short one.
-- Nothing of them has been priced by a band in a release, which is why the first version says so itself. Where an
-- operator has made further versions, those stay as they are.

alter table metering.meter_versions disable trigger meter_versions_are_append_only;

update metering.meter_versions
set definition = jsonb_set(
    definition,
    '{bands,paths}',
    jsonb '["input_tokens", "cached_read_tokens", "cached_write_tokens", "cached_write_hour_tokens", "audio_input_tokens",
        "audio_cached_read_tokens"]')
where version = 1
    and definition ->> 'event_type' = 'llm.completion'
    and definition -> 'bands' -> 'paths' = jsonb '["input_tokens", "cached_read_tokens", "cached_write_tokens"]';

alter table metering.meter_versions enable trigger meter_versions_are_append_only;
