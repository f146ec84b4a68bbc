using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Payments.ExploreBilling;
using Quoin.Platform;

namespace Quoin.Payments;

/// <content>The finance desk: what happened in billing, and what people do about it.</content>
public static partial class PaymentsModule
{
    private static void AddDesk(IServiceCollection services)
    {
        services.AddSingleton<BillingEvents>();
        services.AddSingleton<Timeline>();
        services.AddSingleton(provider => new BillingTrail(
            provider.GetRequiredService<BillingEvents>(), provider.GetRequiredService<Timeline>()));
    }

    private static void MapDesk(IEndpointRouteBuilder app)
    {
        var payments = app.MapGroup("/v1/payments").WithTags("Payments").LimitsBody(Limits.BodyBytesMax);
        payments.MapGet("/events", ExplorerEndpoints.Search)
            .WithName("listBillingEvents")
            .WithSummary("List or search what happened in billing, whatever keeps it, newest first")
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        payments.MapGet("/events/{id}", ExplorerEndpoints.Follow)
            .WithName("getBillingTrail")
            .WithSummary("Show a billing event and everything of its operation, from the request to the books")
            .MayAnswer(PlatformProblems.NotFound)
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        payments.MapGet("/accounts/{billing_account}/timeline", ExplorerEndpoints.OfAccount)
            .WithName("getAccountTimeline")
            .WithSummary("List what happened to a billing account, newest first, the machine's insides included")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.ReconciliationManage);
        app.MapGroup("/v1/billing").WithTags("Buying").LimitsBody(Limits.BodyBytesMax)
            .MapGet("/timeline", ExplorerEndpoints.Own)
            .WithName("getOwnTimeline")
            .WithSummary("List what happened to the billing account, newest first")
            .NamesBillingAccount()
            .Requires(Permission.LedgerRead);
    }
}
