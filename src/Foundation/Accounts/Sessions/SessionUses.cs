using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Writes down when sessions were last used, to the minute and apart from the requests that use them, and moves their end
/// along. A replica that dies loses at most a minute of it.
/// </summary>
internal sealed class SessionUses(NpgsqlDataSource database, TimeProvider time, ILogger<SessionUses> logger)
    : BackgroundService
{
    private readonly ConcurrentDictionary<SignInSessionId, DateTimeOffset> uses = new();

    public void Note(SignInSessionId session)
    {
        if (uses.Count < Limits.SessionUsesNotedMax)
        {
            uses[session] = time.GetUtcNow();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Write(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Limits.SessionUsesWrittenEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // Its notes are taken out first, so a writing that has begun is finished.
            await Write(CancellationToken.None);
        }
    }

    // Replicas meet on the same sessions: what another one is writing now needs no second writer. The end of a session
    // moves by an hour at least, never past the bound counted from its start, and never once it has come.
    private const string WriteSql = """
        with due as (
            select s.session_id, used.used_at
            from unnest($1::uuid[], $2::timestamptz[]) as used (session_id, used_at)
            join accounts.sessions s using (session_id)
            where s.ended_at is null
                and s.expires_at > used.used_at
                and (s.last_seen_at is null or s.last_seen_at <= used.used_at - $3::interval)
            order by s.session_id
            for update of s skip locked
        )
        update accounts.sessions s
        set last_seen_at = due.used_at,
            expires_at = case
                when s.expires_at < due.used_at + $4::interval - $5::interval
                    then greatest(s.expires_at, least(due.used_at + $4::interval, s.started_at + $6::interval))
                else s.expires_at
            end
        from due
        where s.session_id = due.session_id
        """;

    private async Task Write(CancellationToken cancellationToken)
    {
        var noted = new List<KeyValuePair<SignInSessionId, DateTimeOffset>>();
        foreach (var use in uses)
        {
            if (uses.TryRemove(use))
            {
                noted.Add(use);
            }
        }

        try
        {
            foreach (var part in noted.Chunk(Limits.SessionUsesWrittenAtOnceMax))
            {
                await using var command = database.Sql(
                    WriteSql,
                    part.Select(use => use.Key.Value).ToArray(),
                    part.Select(use => use.Value).ToArray(),
                    Limits.SessionUsesWrittenEvery,
                    Limits.SessionLifetime,
                    Limits.SessionSlidesBy,
                    Limits.SessionLifetimeMax);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
        }
        catch (NpgsqlException failure)
        {
            Log.SessionUsesNotWritten(logger, failure);
        }
    }
}
