using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Adds, lists and removes people's SSH public keys.</summary>
internal sealed class ManageSshKeys(NpgsqlDataSource database, IAudit audit, IdSource ids, TimeProvider time)
{
    private const string Columns = "ssh_key_id, label, algorithm, fingerprint, public_key, created_at";

    private const string ListSql = $"""
        select {Columns}
        from accounts.ssh_keys
        where user_id = $1
        order by ssh_key_id desc
        """;

    public async Task<IReadOnlyList<SshKeyProfile>> List(UserId user, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ListSql, user.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<SshKeyProfile>();
        while (await row.ReadAsync(cancellationToken))
        {
            rows.Add(Key(row));
        }

        return rows;
    }

    public async Task<SshKeyOutcome> Add(UserId user, NewSshKey request, CancellationToken cancellationToken)
    {
        SshPublicKey.TryRead(request.PublicKey, out var read, out var problem);
        var label = request.Label ?? (read?.Comment is { Length: > 0 } comment ? comment : read?.Algorithm);
        var labelProblem = label is null ? null : InputText.Problem(label, Limits.NameLettersMax);
        if (InvalidInput.Of(("public_key", problem), ("label", labelProblem)) is { } invalid)
        {
            return new SshKeyOutcome.Invalid(invalid);
        }

        var key = new SshKeyProfile(
            ids.Next<SshKeyId>(), label!, read!.Algorithm, read.Fingerprint, read.Text, Instant.Now(time));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await Count(transaction, user, cancellationToken) >= Limits.SshKeysMax)
        {
            return new SshKeyOutcome.TooMany();
        }

        if (!await Insert(transaction, user, key, cancellationToken))
        {
            return new SshKeyOutcome.Known(key.Fingerprint);
        }

        await audit.Record(
            transaction,
            new AuditEntry(null, user.ToString(), "ssh_key.added", key.Id.ToString(), After: AuditState.Of(key)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new SshKeyOutcome.Done(key);
    }

    private const string RemoveSql = $"""
        delete from accounts.ssh_keys
        where user_id = $1
            and ssh_key_id = $2
        returning {Columns}
        """;

    public async Task<SshKeyOutcome> Remove(UserId user, SshKeyId id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        SshKeyProfile removed;
        await using (var command = transaction.Sql(RemoveSql, user.Value, id.Value))
        await using (var row = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (!await row.ReadAsync(cancellationToken))
            {
                return new SshKeyOutcome.NoSuchKey();
            }

            removed = Key(row);
        }

        await audit.Record(
            transaction,
            new AuditEntry(null, user.ToString(), "ssh_key.removed", id.ToString(), Before: AuditState.Of(removed)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new SshKeyOutcome.Done(removed);
    }

    private const string CountSql = """
        select count(*)
        from accounts.ssh_keys
        where user_id = $1
        """;

    private static async Task<long> Count(
        NpgsqlTransaction transaction, UserId user, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(CountSql, user.Value);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private const string InsertSql = """
        insert into accounts.ssh_keys (user_id, ssh_key_id, label, algorithm, fingerprint, public_key, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (user_id, fingerprint) do nothing
        """;

    private static async Task<bool> Insert(
        NpgsqlTransaction transaction, UserId user, SshKeyProfile key, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            InsertSql,
            user.Value,
            key.Id.Value,
            key.Label,
            key.Algorithm,
            key.Fingerprint,
            key.PublicKey,
            key.CreatedAt);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static SshKeyProfile Key(NpgsqlDataReader row) => new(
        new SshKeyId(row.GetGuid(0)),
        row.GetString(1),
        row.GetString(2),
        row.GetString(3),
        row.GetString(4),
        row.GetFieldValue<DateTimeOffset>(5));
}
