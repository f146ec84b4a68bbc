using Microsoft.AspNetCore.Http;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The session a request was sent with.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Method">How it began.</param>
/// <param name="HasSecondFactor">Whether a second factor was given.</param>
/// <param name="IsRecent">Whether its person proved who they are so lately that what matters most may be changed.</param>
internal sealed record SessionAtHand(SignInSessionId Id, SessionMethod Method, bool HasSecondFactor, bool IsRecent);

/// <summary>Reads the session a request was sent with.</summary>
internal sealed class PresentSession(NpgsqlDataSource database, SessionCookie cookie, TimeProvider time)
{
    private const string ReadSql = """
        select method, second_factor_at is not null, coalesce(proved_at, started_at)
        from accounts.sessions
        where session_id = $1
            and user_id = $2
            and ended_at is null
            and expires_at > $3
        """;

    /// <summary>Null where the request came with none of this person's.</summary>
    public async Task<SessionAtHand?> Of(HttpContext context, UserId user, CancellationToken cancellationToken)
    {
        if (cookie.Read(context.Request) is not { } id)
        {
            return null;
        }

        var now = Instant.Now(time);
        await using var command = database.Sql(ReadSql, id.Value, user.Value, now);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? new SessionAtHand(
                id,
                StoredWord.Read<SessionMethod>(row.GetString(0)),
                row.GetBoolean(1),
                now - row.GetFieldValue<DateTimeOffset>(2) < Limits.ProofIsRecentFor)
            : null;
    }
}
