using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Limiting;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Limiting;

/// <summary>
/// A replica that reserves ahead loses its connection after a commit and before its answer: what the commit wrote counts once, and
/// what else is drawn on the same allowance still counts.
/// </summary>
public sealed class NotHearingOfACommit : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const int TriesMax = 5_000;
    private const long Most = 100;
    private static readonly SpendScope Key = new("key", "key_1");

    private readonly SettableClock clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));
    private readonly TestDatabase database;
    private readonly CutWire wire;
    private readonly NpgsqlDataSource cut;
    private readonly SpendingReplicas acme;
    private readonly Journal journal = new();
    private decimal spent;
    private int calls;

    public NotHearingOfACommit(TestDatabase database)
    {
        this.database = database;
        wire = new CutWire(database);
        cut = DataSources.App(wire.ConnectionString);
        acme = new SpendingReplicas(database, clock, services => services.AddSingleton(cut));
    }

    public Task InitializeAsync() => acme.Open();

    public async Task DisposeAsync()
    {
        await acme.DisposeAsync();
        await cut.DisposeAsync();
        wire.Dispose();
    }

    [Fact]
    public async Task What_others_drew_on_the_same_allowance_counts_in_the_budget()
    {
        var budget = await acme.Budget(Key, 1_000_000);
        var (first, second, third) = (await Drawn(), await Drawn(), await Drawn());

        wire.CutAtNextCommit();
        await Settle(first with { QuotedMicros = 5 });
        await Settle(second with { QuotedMicros = 7 });
        await Settle(third with { QuotedMicros = 11 });

        wire.IsCutting.ShouldBeFalse();
        await acme.GivenBack();
        var standing = await acme.Standing(budget.Id);
        (standing.ReservedMicros, standing.SpentMicros).ShouldBe((0, spent));
        (await OpenDraws()).ShouldBe(0);
    }

    [Fact]
    public async Task Who_was_renewed_by_it_is_settled_by_what_it_used()
    {
        var budget = await acme.Budget(Key, 1_000_000);
        var (first, second) = (await Drawn(), await Drawn());

        wire.CutAtNextCommit();
        await acme.Renew(first.Key, TimeSpan.FromMinutes(2), null);
        await Settle(second with { QuotedMicros = 7 });
        await Settle(first with { QuotedMicros = 5 });

        wire.IsCutting.ShouldBeFalse();
        await acme.GivenBack();
        var standing = await acme.Standing(budget.Id);
        (standing.ReservedMicros, standing.SpentMicros).ShouldBe((0, spent));
        (await OpenDraws()).ShouldBe(0);
    }

    // Keeps the replica busy until it draws on what it reserved ahead.
    private async Task<SpendSettlement> Drawn()
    {
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var request = acme.Request($"call{++calls}", Most, Key);
            var reserved = (await acme.Reserve(request)).ShouldBeOfType<SpendOutcome.Reserved>();
            var settlement = new SpendSettlement(acme.Org, request.Key, 1) { Ticket = reserved.Ticket };
            if (reserved.Hold.Length == 0)
            {
                return settlement;
            }

            await Settle(settlement);
        }

        throw new InvalidOperationException("Nothing was reserved ahead.");
    }

    private async Task Settle(SpendSettlement settlement)
    {
        try
        {
            await acme.First.Get<Spending>().Settle(new Entry(settlement), journal, isAwaited: true);
        }
        catch (NpgsqlException) when (!wire.IsCutting)
        {
            // It is durable, and nobody said so.
        }

        spent += settlement.QuotedMicros;
    }

    private async Task<long> OpenDraws()
    {
        await using var command = database.Owner.CreateCommand("select count(*) from limits.spend_draws where org_id = $1");
        command.Parameters.AddWithValue(acme.Org.Value);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private sealed class Entry(SpendSettlement settlement) : SpendEntry(settlement.Org, settlement);

    private sealed class Journal : ISpendJournal
    {
        public void Write(NpgsqlBatch batch, IReadOnlyList<SpendEntry> entries, bool areFirst)
        {
            // What is written down beside it is not what this is about.
        }
    }
}
