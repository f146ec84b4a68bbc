using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Limiting;
using Quoin.Metering;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Limiting;

/// <summary>Limits as one replica of the host has them: its own memory, the shared database.</summary>
internal sealed class LimitsReplica(
    TestDatabase database, TimeProvider clock, GivenPlan? plan, Action<IServiceCollection>? configure = null) : IAsyncDisposable
{
    private readonly TestReplica replica = new(database, clock, services =>
    {
        services.AddAccounts();
        services.AddLedger();
        services.AddMetering();
        services.AddPricing();
        if (plan is not null)
        {
            services.AddSingleton<IEntitlements>(plan);
        }

        services.AddLimits();
        configure?.Invoke(services);
    });

    public Quotas Quotas => replica.Get<Quotas>();

    public T Get<T>()
        where T : notnull => replica.Get<T>();

    public Task<T> InTransaction<T>(Func<NpgsqlTransaction, Task<T>> act) => replica.InTransaction(act);

    public async Task<OrganisationProfile> CreateOrganisation(OrganisationMode mode = OrganisationMode.Live)
    {
        var outcome = await replica.Get<Organisations>().Create(new NewOrganisation("Acme", mode), "test", CancellationToken.None);
        return ((CreateOrganisationOutcome.Created)outcome).Organisation;
    }

    public Task<RecordOutcome> Record(OrgId org, string code, decimal amount, string key, TimeSpan? heldFor = null) =>
        Quotas.CheckAndRecord(org, code, amount, key, heldFor, CancellationToken.None).AsTask();

    public Task<ReservationOutcome> Release(OrgId org, string key) => Quotas.Release(org, key, CancellationToken.None).AsTask();

    public Task<LimitAnswer> Check(OrgId org, string code, decimal amount = 1) =>
        Quotas.Check(org, code, amount, CancellationToken.None).AsTask();

    /// <summary>How much of a limit is used, from the database.</summary>
    public async Task<decimal> Used(OrgId org, string code) =>
        (await Quotas.Summary(org, CancellationToken.None))!.Limits.Single(one => one.Terms.Code == code).Used;

    /// <summary>The news of a topic about an organisation, oldest first, as JSON.</summary>
    public async Task<IReadOnlyList<string>> News(OrgId org, string topic)
    {
        await using var command = database.Owner.Sql(
            "select payload::text from platform.outbox where org_id = $1 and topic = $2 order by message_id", org.Value, topic);
        await using var reader = await command.ExecuteReaderAsync();
        var news = new List<string>();
        while (await reader.ReadAsync())
        {
            news.Add(reader.GetString(0));
        }

        return news;
    }

    public ValueTask DisposeAsync() => replica.DisposeAsync();
}
