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
    /// <summary>Adds the ledger to the host. Needs Platform, and its interfaces from Server.</summary>
    public static IServiceCollection AddLedger(this IServiceCollection services)
    {
        services.AddSingleton(provider => new Ledger(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IdSource>()));
        services.AddSingleton<IDueWork, EndInTime>();
        services.AddSingleton<AuditedCommands>();
        services.AddSingleton<MakeGrant>();
        services.AddSingleton<VoidGrants>();
        services.AddSingleton<MakeHold>();
        services.AddSingleton<ChangeHold>();
        services.AddSingleton<CaptureHolds>();
        services.AddSingleton<PostManually>();
        services.AddSingleton<SetCreditLimits>();
        services.AddSingleton<LedgerVerification>();
        services.AddSingleton<LedgerAnchors>();
        services.AddSingleton<UsagePostings>();
        AddCorrections(services);
        return services;
    }

    /// <summary>Adds the ledger's endpoints. Organisations read; what writes is the operator's.</summary>
    public static IEndpointRouteBuilder MapLedger(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1").WithTags("Ledger").LimitsBody(Limits.BodyBytesMax);
        MapAccounts(api);
        MapTransfers(api);
        MapGrants(api);
        MapHolds(api);
        MapCorrections(api);
        return routes;
    }

    private static void AddCorrections(IServiceCollection services)
    {
        services.AddSingleton<RequestCorrections>();
        services.AddSingleton<DecideCorrections>();
        services.AddSingleton<CorrectionQueries>();
        services.AddSingleton(provider => new Corrections(
            provider.GetRequiredService<RequestCorrections>(),
            provider.GetRequiredService<DecideCorrections>(),
            provider.GetRequiredService<CorrectionQueries>()));
    }

    private static void MapAccounts(RouteGroupBuilder api)
    {
        api.MapGet("/balance", ReadBalance.Handle)
            .WithName("getBalance")
            .WithSummary("Show what each billing account has and owes")
            .Produces<Page<BalanceRow>>()
            .Requires(Permission.LedgerRead);
        api.MapGet("/balance/summary", ReadBalance.Summary)
            .WithName("getBalanceSummary")
            .WithSummary("Show what each billing account has and owes, with the newest entries")
            .Produces<BalanceSummaryAnswer>()
            .Requires(Permission.LedgerRead);
        api.MapGet("/ledger/accounts", ReadAccounts.Handle)
            .WithName("listAccounts")
            .WithSummary("List the chart of accounts with balances, as it stands or stood")
            .Requires(Permission.LedgerRead);
        api.MapGet("/ledger/accounts/{id}/statement", ReadStatement.Handle)
            .WithName("getStatement")
            .WithSummary("Show an account's statement: opening balance, entries, closing balance")
            .Produces<StatementAnswer>(StatusCodes.Status200OK, "application/json", "text/csv")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.LedgerRead);
        api.MapGet("/ledger/trial-balance", ReadTrialBalance.Handle)
            .WithName("getTrialBalance")
            .WithSummary("Show what stands below and above zero, by kind of account, as it stands or stood")
            .Requires(Permission.LedgerRead);
        api.MapPut("/ledger/credit-limit", SetCreditLimits.Handle)
            .WithName("setCreditLimit")
            .WithSummary("Set how far below zero holds may plan to bring a billing account")
            .MayAnswer(PlatformProblems.NotFound, LedgerProblems.InvalidLedgerInput)
            .Idempotent()
            .Requires(Permission.LedgerWrite);
    }

    private static void MapTransfers(RouteGroupBuilder api)
    {
        api.MapGet("/ledger/entries", ReadEntries.Handle)
            .WithName("listEntries")
            .WithSummary("List ledger entries, newest first")
            .Produces<Page<EntryRow>>()
            .Requires(Permission.LedgerRead);
        api.MapGet("/ledger/transfers", ReadTransfers.List)
            .WithName("listTransfers")
            .WithSummary("Search transfers, newest first")
            .Requires(Permission.LedgerRead);
        api.MapGet("/ledger/transfers/{id}", ReadTransfers.Show)
            .WithName("getTransfer")
            .WithSummary("Show a transfer")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.LedgerRead);
        api.MapPost("/ledger/transfers", PostManually.Handle)
            .WithName("postTransfers")
            .WithSummary("Post transfers of legs somebody chose, all or none")
            .LimitsBody(Limits.TransfersBodyBytesMax)
            .MayAnswer(
                PlatformProblems.NotFound,
                LedgerProblems.InvalidAmount,
                LedgerProblems.InvalidLedgerInput,
                LedgerProblems.TransferKeyConflict,
                LedgerProblems.InsufficientFunds,
                LedgerProblems.BalanceOverflow)
            .Idempotent()
            .Requires(Permission.LedgerWrite);
    }

    private static void MapGrants(RouteGroupBuilder api)
    {
        api.MapPost("/grants", MakeGrant.Handle)
            .WithName("createGrant")
            .WithSummary("Grant credit to a billing account")
            .MayAnswer(
                PlatformProblems.NotFound,
                LedgerProblems.InvalidAmount,
                LedgerProblems.InvalidLedgerInput,
                LedgerProblems.TransferKeyConflict,
                LedgerProblems.TooManyGrants,
                LedgerProblems.BalanceOverflow)
            .Idempotent()
            .Requires(Permission.LedgerWrite);
        api.MapGet("/grants", ReadGrants.List)
            .WithName("listGrants")
            .WithSummary("List grants, newest first")
            .Requires(Permission.LedgerRead);
        api.MapGet("/grants/{id}", ReadGrants.Show)
            .WithName("getGrant")
            .WithSummary("Show a grant with what is left of it")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.LedgerRead);
        api.MapGet("/grants/{id}/entries", ReadGrants.Entries)
            .WithName("listGrantEntries")
            .WithSummary("List what happened to a grant, newest first")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.LedgerRead);
        api.MapPost("/grants/{id}/void", VoidGrants.Handle)
            .WithName("voidGrant")
            .WithSummary("Take back what is left of a grant; held parts follow when their hold ends")
            .MayAnswer(PlatformProblems.NotFound, LedgerProblems.InvalidLedgerInput)
            .Idempotent()
            .Requires(Permission.LedgerWrite);
    }

    private static void MapHolds(RouteGroupBuilder api)
    {
        api.MapPost("/holds", MakeHold.Handle)
            .WithName("createHold")
            .WithSummary("Reserve money for something about to happen")
            .MayAnswer(
                PlatformProblems.NotFound,
                LedgerProblems.InvalidAmount,
                LedgerProblems.InvalidLedgerInput,
                LedgerProblems.HoldKeyConflict,
                LedgerProblems.InsufficientFunds,
                LedgerProblems.BalanceOverflow,
                LedgerProblems.LedgerBusy)
            .Idempotent()
            .Requires(Permission.LedgerWrite);
        api.MapGet("/holds", ReadHolds.List)
            .WithName("listHolds")
            .WithSummary("List holds, newest first")
            .Requires(Permission.LedgerRead);
        api.MapGet("/holds/{id}", ReadHolds.Show)
            .WithName("getHold")
            .WithSummary("Show a hold")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.LedgerRead);
        api.MapPost("/holds/{id}/renew", ChangeHold.Renew)
            .WithName("renewHold")
            .WithSummary("Move a hold's end while it is open")
            .MayAnswer(
                PlatformProblems.NotFound,
                LedgerProblems.InvalidLedgerInput,
                LedgerProblems.HoldEnded,
                LedgerProblems.LedgerBusy)
            .Idempotent()
            .Requires(Permission.LedgerWrite);
        api.MapPost("/holds/{id}/release", ChangeHold.Release)
            .WithName("releaseHold")
            .WithSummary("Give back what a hold still reserves")
            .MayAnswer(PlatformProblems.NotFound, LedgerProblems.LedgerBusy)
            .Idempotent()
            .Requires(Permission.LedgerWrite);
        api.MapPost("/holds/{id}/capture", CaptureHolds.Handle)
            .WithName("captureHold")
            .WithSummary("Turn what a hold reserves into revenue, in part or whole")
            .MayAnswer(
                PlatformProblems.NotFound,
                LedgerProblems.InvalidAmount,
                LedgerProblems.InvalidLedgerInput,
                LedgerProblems.TransferKeyConflict,
                LedgerProblems.HoldEnded,
                LedgerProblems.MoreThanHeld,
                LedgerProblems.BalanceOverflow,
                LedgerProblems.LedgerBusy)
            .Idempotent()
            .Requires(Permission.LedgerWrite);
    }

    private static void MapCorrections(RouteGroupBuilder api)
    {
        api.MapPost("/ledger/corrections", CorrectionEndpoints.Request)
            .WithName("requestCorrection")
            .WithSummary("Ask that a transfer be reversed or adjusted")
            .MayAnswer(
                PlatformProblems.NotFound,
                LedgerProblems.InvalidLedgerInput,
                LedgerProblems.CorrectionKeyConflict,
                LedgerProblems.CorrectionOpen,
                LedgerProblems.TransferAlreadyReversed,
                LedgerProblems.TransferNotReversible,
                LedgerProblems.TransferAdjusted,
                LedgerProblems.TooManyCorrections)
            .Idempotent()
            .Requires(Permission.LedgerWrite);
        api.MapGet("/ledger/corrections", CorrectionEndpoints.List)
            .WithName("listCorrections")
            .WithSummary("List corrections, newest first")
            .Requires(Permission.LedgerWrite);
        api.MapGet("/ledger/corrections/{id}", CorrectionEndpoints.Show)
            .WithName("getCorrection")
            .WithSummary("Show a correction")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.LedgerWrite);
        api.MapPost("/ledger/corrections/{id}/approve", CorrectionEndpoints.Approve)
            .WithName("approveCorrection")
            .WithSummary("Approve somebody else's correction and post it")
            .MayAnswer(
                PlatformProblems.NotFound,
                LedgerProblems.InvalidLedgerInput,
                LedgerProblems.SecondOperatorRequired,
                LedgerProblems.CorrectionDecided,
                LedgerProblems.TransferAlreadyReversed,
                LedgerProblems.TransferAdjusted,
                LedgerProblems.InsufficientFunds,
                LedgerProblems.BalanceOverflow)
            .Idempotent()
            .Requires(Permission.LedgerCorrectApprove);
        api.MapPost("/ledger/corrections/{id}/reject", CorrectionEndpoints.Reject)
            .WithName("rejectCorrection")
            .WithSummary("Reject somebody else's correction")
            .MayAnswer(
                PlatformProblems.NotFound,
                LedgerProblems.InvalidLedgerInput,
                LedgerProblems.SecondOperatorRequired,
                LedgerProblems.CorrectionDecided)
            .Idempotent()
            .Requires(Permission.LedgerCorrectApprove);
        api.MapPost("/ledger/corrections/{id}/withdraw", CorrectionEndpoints.Withdraw)
            .WithName("withdrawCorrection")
            .WithSummary("Take one's own correction back")
            .MayAnswer(
                PlatformProblems.NotFound,
                LedgerProblems.InvalidLedgerInput,
                LedgerProblems.RequesterRequired,
                LedgerProblems.CorrectionDecided)
            .Idempotent()
            .Requires(Permission.LedgerWrite);
    }
}
