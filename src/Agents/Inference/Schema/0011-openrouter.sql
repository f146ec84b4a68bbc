-- A kind of provider that says in its answers what a call cost.

alter table inference.providers
    drop constraint providers_kind_check,
    add constraint providers_kind_check check (kind in (
        'openai', 'openai_compatible', 'anthropic', 'azure_openai', 'bedrock', 'gemini', 'litellm', 'openrouter'));
