using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Charging;

/// <summary>A shadow rating: real usage at prices nobody published.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct ShadowRatingId(Guid Value) : IId<ShadowRatingId>
{
    /// <inheritdoc />
    public static string Prefix => "shadow";

    /// <inheritdoc />
    public static ShadowRatingId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>A price to try out.</summary>
/// <param name="Meter">The meter's key.</param>
/// <param name="UnitPrice">Units of the book's currency for <c>per_quantity</c>; instead of terms.</param>
/// <param name="PerQuantity">The quantity the unit price is for.</param>
/// <param name="Match">The dimensions usage must have; none matches all.</param>
/// <param name="Terms">Tiers, packages, cells and the rest; instead of a unit price.</param>
/// <param name="GroupBy">Dimensions whose values are rated apart.</param>
/// <param name="Scale">Digits after the point a period's amount is rounded to; left out, 6.</param>
public sealed record CandidatePrice(
    string Meter,
    decimal? UnitPrice = null,
    decimal? PerQuantity = null,
    IReadOnlyDictionary<string, string>? Match = null,
    TermsDocument? Terms = null,
    IReadOnlyList<string>? GroupBy = null,
    int? Scale = null);

/// <summary>What to try out, on what.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Range">Usage that happened in it; starts of quarter hours.</param>
/// <param name="Book">The book the prices would stand in.</param>
/// <param name="Prices">The prices.</param>
/// <param name="Organisations">On whose usage; null is everybody's, up to a number.</param>
public sealed record NewShadowRating(
    string Name,
    Period Range,
    PriceBookId Book,
    IReadOnlyList<CandidatePrice> Prices,
    IReadOnlyList<OrgId>? Organisations);

/// <summary>A shadow rating and how far it has come.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Asked">What was asked.</param>
/// <param name="Currency">The book's.</param>
/// <param name="IsFinished">Whether all is rated.</param>
/// <param name="IsTruncated">Whether there were more organisations than it may take.</param>
/// <param name="Organisations">How many are rated.</param>
/// <param name="Lines">How many lines were rated again.</param>
/// <param name="StartedBy">Who asked.</param>
/// <param name="StartedAt">When.</param>
/// <param name="FinishedAt">When it was finished; null while it is not.</param>
public sealed record ShadowRating(
    ShadowRatingId Id,
    NewShadowRating Asked,
    Currency Currency,
    bool IsFinished,
    bool IsTruncated,
    int Organisations,
    long Lines,
    string StartedBy,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt);

/// <summary>What a customer paid, and would have.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="BillingAccount">Who is billed.</param>
/// <param name="Existing">What the lines of the range come to.</param>
/// <param name="Candidate">What they would at the candidate prices.</param>
/// <param name="Lines">How many lines.</param>
/// <param name="Unchanged">Lines no candidate prices otherwise: they count the same on both sides.</param>
public sealed record ShadowCustomer(
    OrgId Org, BillingAccountId BillingAccount, Money Existing, Money Candidate, long Lines, long Unchanged)
{
    /// <summary>What it would pay more.</summary>
    public Money Delta => Candidate - Existing;
}

/// <summary>What a shadow rating comes to.</summary>
/// <param name="Existing">What all lines come to.</param>
/// <param name="Candidate">What they would.</param>
/// <param name="Customers">How many customers.</param>
/// <param name="WinnerCount">How many would pay less.</param>
/// <param name="LoserCount">How many would pay more.</param>
/// <param name="Winners">Those who would save most, the first first.</param>
/// <param name="Losers">Those who would pay most more, the first first.</param>
public sealed record ShadowResult(
    Money Existing,
    Money Candidate,
    long Customers,
    long WinnerCount,
    long LoserCount,
    IReadOnlyList<ShadowCustomer> Winners,
    IReadOnlyList<ShadowCustomer> Losers);

/// <summary>Every way asking for a shadow rating can end, in the order they are checked.</summary>
public abstract record ShadowOutcome
{
    private ShadowOutcome()
    {
    }

    /// <summary>It is asked for more than it may take.</summary>
    /// <param name="Reason">What, for a person.</param>
    public sealed record BoundExceeded(string Reason) : ShadowOutcome;

    /// <summary>There is no such book.</summary>
    public sealed record NoSuchBook : ShadowOutcome;

    /// <summary>A price means nothing.</summary>
    /// <param name="Index">Which, from zero.</param>
    /// <param name="Reason">Why, for a person.</param>
    public sealed record InvalidPrice(int Index, string Reason) : ShadowOutcome;

    /// <summary>A price is for a meter that is not known, or whose usage is not rated line by line.</summary>
    /// <param name="Meter">The meter's key.</param>
    public sealed record UnsupportedUnit(string Meter) : ShadowOutcome;

    /// <summary>An organisation is billed in another currency than the book's.</summary>
    /// <param name="Org">Which; default when there is no such organisation.</param>
    public sealed record CurrencyMismatch(OrgId Org) : ShadowOutcome;

    /// <summary>It runs in the background.</summary>
    /// <param name="Rating">The rating.</param>
    public sealed record Started(ShadowRating Rating) : ShadowOutcome;
}
