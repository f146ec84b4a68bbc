using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger.Internal;
using Quoin.Platform;

namespace Quoin.Ledger;

/// <summary>The ledger's table of contents: double entry, balances, statements.</summary>
public static class LedgerModule
{
    /// <summary>Adds the ledger to the host. Needs Platform, and an <see cref="IBillingAccountCurrency"/> from Server.</summary>
    public static IServiceCollection AddLedger(this IServiceCollection services)
    {
        services.AddSingleton(provider => new Ledger(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IdSource>()));
        services.AddSingleton<GrantCredit>();
        services.AddSingleton<IDueWork, EndInTime>();
        return services;
    }

    /// <summary>Adds the ledger's endpoints.</summary>
    public static IEndpointRouteBuilder MapLedger(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1").WithTags("Ledger");
        api.MapGet("/balance", ReadBalance.Handle)
            .WithName("getBalance")
            .WithSummary("Show what each billing account has and owes")
            .Produces<Page<BalanceRow>>()
            .Requires(Permission.LedgerRead);
        api.MapGet("/ledger/entries", ReadEntries.Handle)
            .WithName("listEntries")
            .WithSummary("List ledger entries, newest first")
            .Produces<Page<EntryRow>>()
            .Requires(Permission.LedgerRead);
        api.MapPost("/ledger/credits", GrantCredit.Handle)
            .WithName("grantCredit")
            .WithSummary("Grant credit to a billing account")
            .Produces<CreditAnswer>()
            .MayAnswer(PlatformProblems.NotFound, LedgerProblems.InvalidAmount, LedgerProblems.TransferKeyConflict)
            .Idempotent()
            .Requires(Permission.LedgerWrite);
        return routes;
    }
}
