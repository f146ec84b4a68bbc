using Npgsql;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Removes what is over: old failures, links and tickets that no longer work.</summary>
internal sealed class ForgetAttempts(NpgsqlDataSource database, TimeProvider time)
{
    private const string AttemptsSql = "delete from accounts.sign_in_attempts where last_at < $1";
    private const string TicketsSql = "delete from accounts.second_factor_tickets where expires_at < $1";
    private const string TokensSql = "delete from accounts.email_tokens where expires_at < $1";
    private const string SignUpsSql = "delete from accounts.sign_ups where expires_at < $1";

    public async Task Run(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await Delete(AttemptsSql, now - Limits.FailuresForgottenAfter, cancellationToken);
        await Delete(TicketsSql, now - Limits.UsedLinksKeptFor, cancellationToken);
        await Delete(TokensSql, now - Limits.UsedLinksKeptFor, cancellationToken);
        await Delete(SignUpsSql, now - Limits.UsedLinksKeptFor, cancellationToken);
    }

    private async Task Delete(string sql, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(sql, before);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
