using System.Text;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Unit.Billing.Ledger;

/// <summary>The reference page is the table the code decides by.</summary>
public sealed class ListingThePostings
{
    [Fact]
    public void Matches_the_page_in_the_documentation() => Snapshot.Matches("docs/reference/postings.md", Page());

    private static string Page()
    {
        var page = new StringBuilder("""
            # Postings

            Which accounts each business fact moves, per billing account and currency. Money leaves what stands under *from*
            and reaches what stands under *to*; every transfer sums to zero. A negative amount runs the other way. This page is
            made from the code (`Postings.All`); a test compares the two.

            **Credit, then X** means, taken from: (1) what the holds named by the fact reserve; (2) the grants in effect when
            the fact happened, by priority, then expiry, then age; (3) X for the rest. Given back to: where money was spent
            from, the last first. A grant that is restricted to scopes pays only for those. Usage above capped holds is taken
            from `operator_loss`. Usage that tells its provider's cost moves that from `provider_cost` to `provider_payable`,
            too. A new grant that may be spent on anything repays `overdraft` at once.

            | fact | from | to | when |
            |---|---|---|---|

            """.ReplaceLineEndings("\n"));
        foreach (var posting in Postings.All)
        {
            page.Append($"| `{posting.Kind}` | {Name(posting.From)} | {Name(posting.To)} | {posting.Meaning} |\n");
        }

        page.Append("| `manual` | the legs say | the legs say | An operator wrote a transfer by hand; strict on grants. |\n");
        page.Append("| `reversal` | the original's *to* | the original's *from* | A correction undoes a transfer, once. ");
        page.Append("Credit spent since is owed: it comes from `overdraft`. |\n");
        page.Append("| `adjustment` | the legs say | the legs say | A correction adds to a transfer; strict on grants. |\n");
        page.Append("\n## Accounts\n\n| account | what stands on it |\n|---|---|\n");
        foreach (var kind in Enum.GetValues<AccountKind>())
        {
            page.Append($"| `{kind.Name()}` | {Meaning(kind)} |\n");
        }

        return page.ToString();
    }

    private static string Name(Place place) => place switch
    {
        Place.Account account => $"`{account.Kind.Name()}`",
        Place.TheGrant => "the grant",
        Place.Credit credit => $"credit, then `{credit.Rest.Name()}`",
        _ => throw new ArgumentOutOfRangeException(nameof(place)),
    };

    private static string Meaning(AccountKind kind) => kind switch
    {
        AccountKind.Grants => "Credit the customer may still spend, one account a grant. Never below zero.",
        AccountKind.Overdraft => "Usage no credit covered, of a prepaid customer. Below zero by what is owed.",
        AccountKind.Receivable => "What a postpaid customer will be invoiced for. Below zero by what is owed.",
        AccountKind.Revenue => "What was earned.",
        AccountKind.ProcessorClearing => "Money at a payment processor. Below zero by what it took in and has not paid out.",
        AccountKind.PromotionalCost => "Credit given away. Below zero by all of it.",
        AccountKind.ProviderCost => "What providers charge. Below zero by all of it.",
        AccountKind.ProviderPayable => "What is owed to providers.",
        AccountKind.Fees => "What payment processors kept. Below zero by all of it.",
        AccountKind.Tax => "Tax collected.",
        AccountKind.Breakage => "Credit that expired unspent.",
        AccountKind.OperatorLoss => "Overruns of capped holds, and debts written off. Below zero by all of it.",
        AccountKind.Rounding => "Differences of rounding at the payments boundary.",
        AccountKind.Bank => "What arrived at the operator's bank. Below zero by all of it.",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
