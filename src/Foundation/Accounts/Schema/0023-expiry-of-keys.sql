-- Until when a key works may be changed while it does: tools that keep keys for others prolong and shorten them.

grant update (expires_at) on accounts.keys to quoin_app;
