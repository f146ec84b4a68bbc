-- One model's name is several providers', at different prices: the token meters tell them apart, so that a price may name
-- the provider, or not. Usage that was counted without it cannot be told apart any more, and taking it back must find it
-- where it was counted: so where anything has been recorded the meters stay as they are, and their operator may give them a
-- version of their own. An event that names no provider is none's.

alter table metering.meter_versions disable trigger meter_versions_are_append_only;

update metering.meter_versions
set definition = jsonb_set(
    definition,
    '{dimensions}',
    jsonb '[{"name": "model", "path": "model"}, {"name": "provider", "path": "provider", "default": "none"}]')
where version = 1
    and definition ->> 'event_type' = 'llm.completion'
    and definition -> 'dimensions' = jsonb '[{"name": "model", "path": "model"}]'
    and not exists (select from metering.events);

alter table metering.meter_versions enable trigger meter_versions_are_append_only;
