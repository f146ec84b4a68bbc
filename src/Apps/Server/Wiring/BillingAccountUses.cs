using System.Globalization;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Server.Wiring;

/// <summary>Tells Accounts, which knows neither, what the books and the plans still have on a billing account.</summary>
internal static class BillingAccountUses
{
    /// <summary>Lets both be asked.</summary>
    public static IServiceCollection AddBillingAccountUses(this IServiceCollection services)
    {
        services.AddSingleton<IBillingAccountUse, Books>();
        services.AddSingleton<IBillingAccountUse, Subscription>();
        return services;
    }

    /// <summary>Money that is owed, or held for a promise that was made.</summary>
    private sealed class Books(Ledger.Ledger ledger) : IBillingAccountUse
    {
        public async ValueTask<string?> Of(OrgId org, BillingAccountId account, CancellationToken cancellationToken)
        {
            var balances = await ledger.Balances(org, account, cancellationToken);
            var owed = BalanceSummary.Of(balances)
                .SelectMany(balance => new[] { balance.Overdraft, balance.Receivable })
                .Where(money => money.Micros > 0)
                .Select(money => $"owes {Text(money)}");
            var held = balances
                .Where(balance => balance.Held.Micros > 0)
                .Select(balance => $"has {Text(balance.Held)} held");
            var words = string.Join(", and ", owed.Concat(held));
            return words.Length == 0 ? null : words;
        }

        private static string Text(Money money) => string.Create(
            CultureInfo.InvariantCulture,
            $"{money.Micros / (decimal)Money.MicrosPerUnit:0.00####} {money.Currency}");
    }

    /// <summary>A plan whose fees go on.</summary>
    private sealed class Subscription(Plans plans, OrganisationClock clock) : IBillingAccountUse
    {
        public async ValueTask<string?> Of(OrgId org, BillingAccountId account, CancellationToken cancellationToken)
        {
            var assigned = await plans.Of(new BillingAccountKey(org, account), cancellationToken);
            return assigned.LeadingAt(await clock.Now(org, cancellationToken)) is null ? null : "has a plan";
        }
    }
}
