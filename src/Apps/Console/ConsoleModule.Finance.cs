using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quoin.ConsolePages.AnswerDisputes;
using Quoin.ConsolePages.DecideRefunds;
using Quoin.ConsolePages.ExploreBilling;
using Quoin.ConsolePages.HandleDeadLetters;
using Quoin.ConsolePages.ReconcilePayments;
using Quoin.ConsolePages.RecoverSessions;
using Quoin.ConsolePages.SellPlans;
using Quoin.Platform;

namespace Quoin.ConsolePages;

/// <content>The finance desk: what operators see and do about payments.</content>
public static partial class ConsoleModule
{
    private static void AddFinance(IServiceCollection services)
    {
        services.AddSingleton<BillingEventPages>();
        services.AddSingleton<TimelinePage>();
        services.AddSingleton<SessionPages>();
        services.AddSingleton<PaymentRunPages>();
        services.AddSingleton<RefundPages>();
        services.AddSingleton<DisputePages>();
        services.AddSingleton<DeadLetterPages>();
    }

    private static void MapFinance(RouteGroupBuilder pages)
    {
        pages.MapGet(Places.BillingEvents, BillingEventPages.List).RequiresSignIn(Permission.ReconciliationManage);
        pages.MapGet(Places.BillingEvents + "/{id}", BillingEventPages.One).RequiresSignIn(Permission.ReconciliationManage);
        pages.MapGet(Places.Timeline, TimelinePage.Show).RequiresSignIn(Permission.ReconciliationManage);
        Both(Places.PaymentSessions + "/{id}", SessionPages.One, SessionPages.Act, Permission.ReconciliationManage);
        pages.MapGet(Places.PaymentSessions, SessionPages.List).RequiresSignIn(Permission.ReconciliationManage);
        Both(Places.PaymentRuns, PaymentRunPages.List, PaymentRunPages.Act, Permission.ReconciliationManage);
        pages.MapGet(Places.PaymentRuns + "/{run}", PaymentRunPages.One).RequiresSignIn(Permission.ReconciliationManage);
        pages.MapGet(Places.Clearing, ClearingPage.Show).RequiresSignIn(Permission.ReconciliationManage);
        Both(Places.DeskRefunds, RefundPages.List, RefundPages.Ask, Permission.RefundsWrite);
        Both(Places.DeskRefunds + "/{refund}", RefundPages.One, RefundPages.Decide, Permission.RefundsWrite);
        pages.MapGet(Places.DeskDisputes, DisputePages.List).RequiresSignIn(Permission.DisputesWrite);
        Both(Places.DeskDisputes + "/{dispute}", DisputePages.One, DisputePages.Act, Permission.DisputesWrite)
            .LimitsBody(Limits.EvidenceFormBytesMax);
        Both(Places.DeadLetters, DeadLetterPages.Show, DeadLetterPages.Act, Permission.ReconciliationManage);
        Both(Places.SoldPlans, CataloguePages.Show, CataloguePages.Sync, Permission.PricesWrite);

        RouteHandlerBuilder Both(string path, Delegate show, Delegate act, Permission permission)
        {
            pages.MapGet(path, show).RequiresSignIn(permission);
            return pages.MapPost(path, act).LimitsBody(Limits.FormBytesMax).RequiresSignIn(permission);
        }
    }
}
