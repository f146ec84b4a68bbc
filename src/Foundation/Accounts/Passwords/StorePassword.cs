using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Keeps a person's new password and ends their sessions, all of them: whoever knew the old one is out.</summary>
internal sealed class StorePassword(EndSessions ending, IAudit audit, TimeProvider time)
{
    private const string StoreSql = """
        update accounts.users
        set password_hash = $2,
            password_changed_at = $3,
            email_verified_at = case when $4 then coalesce(email_verified_at, $3) else email_verified_at end
        where user_id = $1
        """;

    /// <summary>Stores it in the caller's transaction.</summary>
    /// <param name="transaction">The caller's.</param>
    /// <param name="user">Whose.</param>
    /// <param name="hash">The hash of the new one.</param>
    /// <param name="provesEmail">Whether a mailed link led here, which proves the address.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="action">What the audit log calls it.</param>
    /// <param name="cancellationToken">Ends the attempt; the transaction is then of no use.</param>
    /// <returns>The sessions that ended; give them to <see cref="Forget"/> after the commit.</returns>
    public async Task<IReadOnlyList<SignInSessionId>> Handle(
        NpgsqlTransaction transaction,
        UserId user,
        string hash,
        bool provesEmail,
        string actor,
        string action,
        CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        await using (var store = transaction.Sql(StoreSql, user.Value, hash, now, provesEmail))
        {
            await store.ExecuteNonQueryAsync(cancellationToken);
        }

        var ended = await ending.Handle(transaction, user, only: null, except: null, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                null,
                actor,
                action,
                user.ToString(),
                After: AuditState.Of(new { PasswordChangedAt = now, SessionsEnded = ended.Count })),
            cancellationToken);
        return ended;
    }

    /// <summary>After the commit: this replica believes none of them any more.</summary>
    public void Forget(IReadOnlyList<SignInSessionId> ended) => ending.Forget(ended);
}
