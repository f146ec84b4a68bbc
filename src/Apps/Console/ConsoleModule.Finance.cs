using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quoin.ConsolePages.ExploreBilling;
using Quoin.Platform;

namespace Quoin.ConsolePages;

/// <content>The finance desk: what operators see and do about payments.</content>
public static partial class ConsoleModule
{
    private static void AddFinance(IServiceCollection services)
    {
        services.AddSingleton<BillingEventPages>();
        services.AddSingleton<TimelinePage>();
    }

    private static void MapFinance(RouteGroupBuilder pages)
    {
        pages.MapGet(Places.BillingEvents, BillingEventPages.List).RequiresSignIn(Permission.ReconciliationManage);
        pages.MapGet(Places.BillingEvents + "/{id}", BillingEventPages.One).RequiresSignIn(Permission.ReconciliationManage);
        pages.MapGet(Places.Timeline, TimelinePage.Show).RequiresSignIn(Permission.ReconciliationManage);
    }
}
