-- Public keys with which people reach machines made for them. The same key may be two people's: a shared laptop, or one
-- person with two addresses.

create table accounts.ssh_keys (
    user_id uuid not null references accounts.users,
    ssh_key_id uuid not null,
    algorithm text not null check (algorithm in (
        'ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa')),
    public_key text not null,
    fingerprint text not null check (fingerprint ~ '^SHA256:[A-Za-z0-9+/]{43}$'),
    label text not null check (length(label) between 1 and 200),
    created_at timestamptz not null,
    primary key (user_id, ssh_key_id),
    unique (user_id, fingerprint)
);

grant select, insert, delete on accounts.ssh_keys to quoin_app;
