using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>Prices to try out on real usage.</summary>
/// <param name="From">Usage from this instant on; the start of a quarter hour.</param>
/// <param name="To">To before this instant; the start of a quarter hour, at most 31 days later.</param>
/// <param name="PriceBook">The book the prices would stand in.</param>
/// <param name="Prices">The prices; each takes the place of the one for the same meter and dimensions.</param>
/// <param name="Organisations">On whose usage; left out, everybody's, up to 500 organisations.</param>
/// <param name="Name">What to call it.</param>
internal sealed record ShadowRequest(
    DateTimeOffset From,
    DateTimeOffset To,
    PriceBookId PriceBook,
    IReadOnlyList<CandidatePrice> Prices,
    IReadOnlyList<OrgId>? Organisations = null,
    string? Name = null);

/// <summary>Which shadow rating.</summary>
/// <param name="ShadowRating">Its id.</param>
internal sealed record ShadowPath(ShadowRatingId ShadowRating);

/// <summary>A page of shadow ratings, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record ShadowPageRequest(PageLimit Limit, Cursor<ShadowRatingId>? Cursor = null);

/// <summary>What a customer paid, and would have.</summary>
/// <param name="Organisation">The organisation.</param>
/// <param name="BillingAccount">Who is billed.</param>
/// <param name="Existing">What the lines of the range come to.</param>
/// <param name="Candidate">What they would at the candidate prices.</param>
/// <param name="Delta">What it would pay more.</param>
/// <param name="LineCount">How many lines.</param>
internal sealed record ShadowCustomerRow(
    OrgId Organisation, BillingAccountId BillingAccount, Money Existing, Money Candidate, Money Delta, long LineCount)
{
    public static ShadowCustomerRow Of(ShadowCustomer one) =>
        new(one.Org, one.BillingAccount, one.Existing, one.Candidate, one.Delta, one.Lines);
}

/// <summary>A shadow rating, and what it comes to as far as it is done.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="State"><c>running</c> or <c>finished</c>.</param>
/// <param name="From">The first instant of usage.</param>
/// <param name="To">The first instant after.</param>
/// <param name="PriceBook">The book the prices would stand in.</param>
/// <param name="Prices">The candidate prices.</param>
/// <param name="OrganisationCount">Organisations that are done.</param>
/// <param name="LineCount">Lines rated again.</param>
/// <param name="Truncated">Whether there were more organisations than it may take.</param>
/// <param name="Existing">What all lines come to.</param>
/// <param name="Candidate">What they would.</param>
/// <param name="Delta">What customers would pay more.</param>
/// <param name="CustomerCount">How many customers.</param>
/// <param name="WinnerCount">How many would pay less.</param>
/// <param name="LoserCount">How many would pay more.</param>
/// <param name="Winners">Those who would save most.</param>
/// <param name="Losers">Those who would pay most more.</param>
/// <param name="LedgerWrites">Always false: it never writes to the books.</param>
/// <param name="RatedUsageWrites">Always false: it never writes a rated line.</param>
/// <param name="StartedBy">Who asked.</param>
/// <param name="StartedAt">When.</param>
/// <param name="FinishedAt">When it was finished.</param>
internal sealed record ShadowRow(
    ShadowRatingId Id,
    string Name,
    string State,
    DateTimeOffset From,
    DateTimeOffset To,
    PriceBookId PriceBook,
    IReadOnlyList<CandidatePrice> Prices,
    int OrganisationCount,
    long LineCount,
    bool Truncated,
    Money Existing,
    Money Candidate,
    Money Delta,
    long CustomerCount,
    long WinnerCount,
    long LoserCount,
    IReadOnlyList<ShadowCustomerRow> Winners,
    IReadOnlyList<ShadowCustomerRow> Losers,
    bool LedgerWrites,
    bool RatedUsageWrites,
    string StartedBy,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt)
{
    public static ShadowRow Of(ShadowRating rating, ShadowResult result) => new(
        rating.Id,
        rating.Asked.Name,
        rating.IsFinished ? "finished" : "running",
        rating.Asked.Range.Start,
        rating.Asked.Range.End,
        rating.Asked.Book,
        rating.Asked.Prices,
        rating.Organisations,
        rating.Lines,
        rating.IsTruncated,
        result.Existing,
        result.Candidate,
        result.Candidate - result.Existing,
        result.Customers,
        result.WinnerCount,
        result.LoserCount,
        [.. result.Winners.Select(ShadowCustomerRow.Of)],
        [.. result.Losers.Select(ShadowCustomerRow.Of)],
        LedgerWrites: false,
        RatedUsageWrites: false,
        rating.StartedBy,
        rating.StartedAt,
        rating.FinishedAt);
}

/// <summary>The endpoints of shadow rating, for operators.</summary>
internal static class ShadowEndpoints
{
    private const string Untitled = "Shadow rating";

    /// <summary><c>POST /v1/shadow-ratings</c>.</summary>
    public static async Task<Results<Accepted<ShadowRow>, Problem>> Start(
        ShadowRequest request, ShadowRatings ratings, HttpContext context, CancellationToken cancellationToken)
    {
        var name = request.Name?.Trim() is { Length: > 0 } given ? given : Untitled;
        if (InputText.Problem(name, Limits.ReasonLettersMax) is { } wrong)
        {
            return new Problem(ChargingProblems.InvalidChargingInput, $"name {wrong}.");
        }

        var asked = new NewShadowRating(
            name,
            new Period(request.From.ToUniversalTime(), request.To.ToUniversalTime()),
            request.PriceBook,
            request.Prices,
            request.Organisations);
        return await ratings.Start(asked, context.Caller().Actor, cancellationToken) switch
        {
            ShadowOutcome.Started(var rating) => TypedResults.Accepted(
                $"/v1/shadow-ratings/{rating.Id}",
                ShadowRow.Of(rating, await ratings.Result(rating, cancellationToken))),
            ShadowOutcome.BoundExceeded(var reason) => new Problem(ChargingProblems.ShadowRatingBoundExceeded, reason),
            ShadowOutcome.NoSuchBook => new Problem(PlatformProblems.NotFound, $"There is no price book {request.PriceBook}."),
            ShadowOutcome.InvalidPrice(var index, var reason) =>
                new Problem(ChargingProblems.InvalidChargingInput, $"prices[{index}]: {reason}"),
            ShadowOutcome.UnsupportedUnit(var meter) => new Problem(
                ChargingProblems.UnsupportedUnit, $"The meter '{meter}' is not known, or its parts do not add up."),
            ShadowOutcome.CurrencyMismatch(var org) => new Problem(
                ChargingProblems.CurrencyMismatch, $"{org} is not billed in the book's currency."),
            var outcome => throw new InvalidOperationException($"Shadow rating ended as {outcome}."),
        };
    }

    /// <summary><c>GET /v1/shadow-ratings</c>.</summary>
    public static async Task<Ok<Page<ShadowRow>>> List(
        Parameters<ShadowPageRequest> parameters, ShadowRatings ratings, CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var rows = new List<(ShadowRating Rating, ShadowResult Result)>();
        foreach (var rating in await ratings.Newest(request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken))
        {
            rows.Add((rating, await ratings.Result(rating, cancellationToken)));
        }

        return TypedResults.Ok(Page.Of(
            rows, request.Limit, row => row.Rating.Id, row => ShadowRow.Of(row.Rating, row.Result)));
    }

    /// <summary><c>GET /v1/shadow-ratings/{shadow_rating}</c>.</summary>
    public static async Task<Results<Ok<ShadowRow>, Problem>> One(
        Parameters<ShadowPath> parameters, ShadowRatings ratings, CancellationToken cancellationToken) =>
        await ratings.Find(parameters.Value.ShadowRating, cancellationToken) is { } rating
            ? TypedResults.Ok(ShadowRow.Of(rating, await ratings.Result(rating, cancellationToken)))
            : new Problem(PlatformProblems.NotFound, "There is no such shadow rating.");
}
