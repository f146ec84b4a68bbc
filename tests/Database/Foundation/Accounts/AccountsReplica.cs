using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Accounts;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>Accounts as one replica of the host has it: its own memory, the shared database.</summary>
internal sealed class AccountsReplica(TestDatabase database, SettableClock clock) : IAsyncDisposable
{
    private readonly TestReplica replica = new(database, clock, services =>
    {
        services.AddSingleton<IMails>(new RecordedMails());
        services.AddAccounts();
    });

    public AccountsReplica(TestDatabase database)
        : this(database, new SettableClock())
    {
    }

    public SettableClock Clock => clock;

    public Organisations Organisations => replica.Get<Organisations>();

    public Keys Keys => replica.Get<Keys>();

    public Operators Operators => replica.Get<Operators>();

    public Users Users => replica.Get<Users>();

    public AuditLog Audit => replica.Get<AuditLog>();

    public IMeterFactory Meters => replica.Get<IMeterFactory>();

    /// <summary>Asks who presents a key.</summary>
    public ValueTask<CallerOutcome> Identify(string secret)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Authorization = $"Bearer {secret}";
        return replica.Get<ICallerSource>().Identify(context, default);
    }

    public Task<OrganisationProfile> CreateOrganisation(string name = "Acme") => Organisations.CreateTest(name);

    public ValueTask DisposeAsync() => replica.DisposeAsync();
}
