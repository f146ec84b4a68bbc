using Microsoft.Extensions.DependencyInjection;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>Accounts as one replica of the host has it: its own memory, the shared database.</summary>
internal sealed class AccountsReplica : IAsyncDisposable
{
    private readonly ServiceProvider services;

    public AccountsReplica(TestDatabase database, SettableClock? clock = null)
    {
        Clock = clock ?? new SettableClock();
        services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(database.App)
            .AddSingleton<TimeProvider>(Clock)
            .AddSingleton(provider => new IdSource(provider.GetRequiredService<TimeProvider>()))
            .AddAccounts()
            .BuildServiceProvider();
    }

    public SettableClock Clock { get; }

    public Organisations Organisations => services.GetRequiredService<Organisations>();

    public AuditLog Audit => services.GetRequiredService<AuditLog>();

    public async Task<OrganisationProfile> CreateOrganisation(
        string name = "Acme", OrganisationMode mode = OrganisationMode.Test)
    {
        var outcome = await Organisations.Create(new NewOrganisation(name, mode), "system", default);
        return outcome.ShouldBeOfType<CreateOrganisationOutcome.Created>().Organisation;
    }

    public ValueTask DisposeAsync() => services.DisposeAsync();
}
