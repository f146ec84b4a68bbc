using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>Prepares the partitions of this month and the next two: at start, then daily.</summary>
internal sealed class EventMonths(NpgsqlDataSource database, TimeProvider time, ILogger<EventMonths> logger) : BackgroundService
{
    private const int MonthsAhead = 2;
    private static readonly TimeSpan Every = TimeSpan.FromDays(1);

    /// <summary>Before the host takes its first event.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Prepare(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Prepare(stoppingToken);
            }
            catch (NpgsqlException failure)
            {
                // Two months are ready, so a day's failure costs nothing; tomorrow's attempt makes up for it.
                Log.EventMonthsNotPrepared(logger, failure);
            }
        }
    }

    private const string PrepareSql = "select metering.prepare_events_month($1, $2, $3)";

    private async Task Prepare(CancellationToken cancellationToken)
    {
        var month = Period.MonthOf(time.GetUtcNow());
        for (var ahead = 0; ahead <= MonthsAhead; ahead++)
        {
            await using var command = database.Sql(
                PrepareSql,
                month.Start.ToString("yyyy'_'MM", CultureInfo.InvariantCulture),
                IdSource.LowerBound(month.Start),
                IdSource.LowerBound(month.End));
            await command.ExecuteNonQueryAsync(cancellationToken);
            month = Period.MonthOf(month.End);
        }
    }
}
