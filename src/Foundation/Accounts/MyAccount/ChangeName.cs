using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Changes what a person calls themselves.</summary>
internal sealed class ChangeName(NpgsqlDataSource database, IAudit audit)
{
    private const string WriteSql = "update accounts.users set name = $2 where user_id = $1";

    /// <summary>Changes it; tells what is wrong, or null.</summary>
    public async Task<InvalidInput?> Handle(UserId user, string name, CancellationToken cancellationToken)
    {
        if (InvalidInput.Of(("name", InputText.Problem(name, Limits.NameLettersMax))) is { } invalid)
        {
            return invalid;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var before = await UserRows.Find(transaction, user, cancellationToken);
        await using (var write = transaction.Sql(WriteSql, user.Value, name))
        {
            await write.ExecuteNonQueryAsync(cancellationToken);
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                null,
                user.ToString(),
                "user.renamed",
                user.ToString(),
                Before: AuditState.Of(new { before?.Name }),
                After: AuditState.Of(new { Name = name })),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }
}
