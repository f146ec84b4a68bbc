using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>Shares the explanation of a line.</summary>
/// <param name="Days">For how many days; 1 to 90.</param>
internal sealed record ShareRequest(int Days = 7);

/// <summary>Which share.</summary>
/// <param name="Share">Its id.</param>
internal sealed record SharePath(LineShareId Share);

/// <summary>A share as the API shows it.</summary>
/// <param name="Id">The share.</param>
/// <param name="Line">What it shows.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="RevokedAt">When somebody ended it before.</param>
/// <param name="Url">Opens it, for whoever has it; told once, when it is made.</param>
internal sealed record ShareRow(
    LineShareId Id,
    RatedLineId Line,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? RevokedAt,
    string? Url)
{
    public static ShareRow Of(LineShare share, string? url) =>
        new(share.Id, share.Line, share.CreatedBy, share.CreatedAt, share.ExpiresAt, share.RevokedAt, url);
}

/// <summary>One step of a price's arithmetic, as the API shows it.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="PriceVersion">The price version that says so.</param>
/// <param name="Cell">The cell of the price; null for what holds over all cells.</param>
/// <param name="Tier">Which tier, from zero.</param>
/// <param name="Quantity">How much usage it is about, exact.</param>
/// <param name="Price">Units of currency, or a percentage.</param>
/// <param name="Per">What the price is for.</param>
/// <param name="Amount">What it adds, in units of currency, exact: a decimal, or a fraction where none is.</param>
internal sealed record StepRow(
    RatingStepKind Kind,
    PriceVersionId PriceVersion,
    string? Cell,
    int? Tier,
    string? Quantity,
    decimal? Price,
    decimal? Per,
    string Amount)
{
    public static StepRow Of(RatingStep step) => new(
        step.Kind, step.Version, step.Cell, step.Tier, step.Quantity?.ToString(), step.Price, step.Per, step.Amount.ToString());
}

/// <summary>What a period comes to at a line.</summary>
/// <param name="Quantity">All its usage.</param>
/// <param name="Steps">The arithmetic; its amounts sum to <c>exact_amount</c>. Null where it cannot be told step by step.</param>
/// <param name="ExactAmount">Units of currency, before rounding.</param>
/// <param name="Amount">Rounded once.</param>
internal sealed record PositionRow(decimal Quantity, IReadOnlyList<StepRow>? Steps, string? ExactAmount, Money Amount);

/// <summary>Where the money of a line's transfer came from or went to.</summary>
/// <param name="Account">The account.</param>
/// <param name="Kind">Its place in the chart.</param>
/// <param name="Grant">The grant, where it is one.</param>
/// <param name="Amount">The change.</param>
/// <param name="BalanceAfter">The balance right after it.</param>
internal sealed record LegRow(AccountId Account, AccountKind Kind, GrantId? Grant, Money Amount, Money BalanceAfter)
{
    public static LegRow Of(Entry leg) => new(
        leg.Account,
        leg.AccountKind,
        leg.AccountKind == AccountKind.Grants ? new GrantId(leg.Account.Value) : null,
        leg.Amount,
        leg.BalanceAfter);
}

/// <summary>Why a line has its amount.</summary>
/// <param name="Line">The line.</param>
/// <param name="BillingAccount">Who is billed.</param>
/// <param name="Meter">What counted the usage.</param>
/// <param name="Unit">What one of the quantity is.</param>
/// <param name="Dimensions">Of which kind it was.</param>
/// <param name="UsageStart">The start of the quarter hour it was used in.</param>
/// <param name="Quantity">The usage this line rated.</param>
/// <param name="EventCount">From how many events; <c>/v1/rated-lines/{line}/events</c> lists them.</param>
/// <param name="PeriodStart">The billing period's first instant.</param>
/// <param name="PriceVersion">The price that charged it.</param>
/// <param name="PriceHash">The hash of all that price says.</param>
/// <param name="PriceBook">The book it stands in.</param>
/// <param name="Source">Whether it comes from a contract, a plan or the catalogue.</param>
/// <param name="Assignment">The agreement behind it.</param>
/// <param name="DiscountBps">What a contract takes off, in hundredths of a percent.</param>
/// <param name="Before">What the period came to before this line.</param>
/// <param name="After">What it comes to with it.</param>
/// <param name="Amount">What this line adds: after less before.</param>
/// <param name="IsLate">Whether its period was closed before it.</param>
/// <param name="Transfer">The transfer that posted it.</param>
/// <param name="LinesOfTransfer">How many lines that transfer posted together.</param>
/// <param name="Legs">The transfer's entries.</param>
/// <param name="ProviderCost">What the usage costs the operator; operators only.</param>
/// <param name="Margin">What it leaves the operator; operators only.</param>
/// <param name="CorrelationId">The first request that led to the transfer.</param>
internal sealed record ExplanationRow(
    RatedLineId Line,
    BillingAccountId BillingAccount,
    string Meter,
    string Unit,
    IReadOnlyDictionary<string, string> Dimensions,
    DateTimeOffset UsageStart,
    decimal Quantity,
    long EventCount,
    DateTimeOffset PeriodStart,
    PriceVersionId PriceVersion,
    string PriceHash,
    string PriceBook,
    PriceSource Source,
    AssignmentId? Assignment,
    int DiscountBps,
    PositionRow Before,
    PositionRow After,
    Money Amount,
    bool IsLate,
    TransferId? Transfer,
    long LinesOfTransfer,
    IReadOnlyList<LegRow> Legs,
    Money? ProviderCost,
    Money? Margin,
    string? CorrelationId)
{
    public static ExplanationRow Of(LineExplanation explained, bool isOperator)
    {
        var line = explained.Line;
        return new ExplanationRow(
            line.Id,
            line.Key.BillingAccount,
            explained.Meter.Key,
            explained.Meter.Unit,
            line.Dimensions.ToDictionary(),
            line.BucketStart,
            line.Quantity,
            line.EventCount,
            line.Key.PeriodStart,
            line.Version,
            explained.Price.Hash,
            explained.Book.Name,
            line.Source,
            line.Assignment,
            line.DiscountBps,
            Position(explained.QuantityBefore, explained.Before, explained.RatedBefore),
            Position(line.PositionQuantity, explained.After, explained.RatedAfter),
            line.Amount,
            line.IsLate,
            line.Transfer,
            explained.LinesOfTransfer,
            [.. explained.Legs.Where(leg => isOperator || !IsCost(leg.AccountKind)).Select(LegRow.Of)],
            isOperator ? line.Cost : null,
            isOperator ? explained.Margin : null,
            line.CorrelationId);
    }

    // What providers charge is between them and the operator.
    public static bool IsCost(AccountKind kind) => kind is AccountKind.ProviderCost or AccountKind.ProviderPayable;

    private static PositionRow Position(decimal quantity, RatingExplanation? explained, Money amount) => new(
        quantity,
        explained?.Steps.Select(StepRow.Of).ToList(),
        explained?.Amount.ToString(),
        amount);
}

/// <summary>The endpoints that explain lines and share explanations.</summary>
internal static class ExplainEndpoints
{
    /// <summary>Where shared explanations are shown.</summary>
    public const string SharedPath = "/shared/lines/";

    /// <summary><c>GET /v1/rated-lines/{line}/explain</c>.</summary>
    public static async Task<Results<Ok<ExplanationRow>, Problem>> Explain(
        Parameters<LineRequest> parameters,
        LineExplanations explanations,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return await explanations.Explain(caller.RequiredOrg, parameters.Value.Line, cancellationToken) is { } explained
            ? TypedResults.Ok(ExplanationRow.Of(explained, caller.Realm == Realm.Operator))
            : NoSuchLine();
    }

    /// <summary><c>POST /v1/rated-lines/{line}/shares</c>.</summary>
    public static async Task<Results<Created<ShareRow>, Problem>> Share(
        Parameters<LineRequest> parameters,
        ShareRequest request,
        LineExplanations explanations,
        Charging charging,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var (caller, line) = (context.Caller(), parameters.Value.Line);
        if (request.Days is < 1 or > Limits.ShareDaysMax)
        {
            return new Problem(ChargingProblems.InvalidChargingInput, $"days lies between 1 and {Limits.ShareDaysMax}.");
        }

        if (await charging.Line(caller.RequiredOrg, line, cancellationToken) is null)
        {
            return NoSuchLine();
        }

        var (share, token) = await explanations.Share(
            caller.RequiredOrg,
            line,
            TimeSpan.FromDays(request.Days),
            caller.Actor,
            context.IdempotentRequest(),
            cancellationToken);
        var url = $"{context.Request.Scheme}://{context.Request.Host}{SharedPath}{token}";
        return TypedResults.Created($"/v1/line-shares/{share.Id}", ShareRow.Of(share, url));
    }

    /// <summary><c>GET /v1/rated-lines/{line}/shares</c>.</summary>
    public static async Task<Ok<Page<ShareRow>>> Shares(
        Parameters<LineRequest> parameters,
        LineExplanations explanations,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var shares = await explanations.SharesOf(context.Caller().RequiredOrg, parameters.Value.Line, cancellationToken);
        return TypedResults.Ok(new Page<ShareRow>([.. shares.Select(share => ShareRow.Of(share, null))], null));
    }

    /// <summary><c>POST /v1/line-shares/{share}/revoke</c>.</summary>
    public static async Task<Results<NoContent, Problem>> Revoke(
        Parameters<SharePath> parameters,
        LineExplanations explanations,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return await explanations.Revoke(caller.RequiredOrg, parameters.Value.Share, caller.Actor, cancellationToken)
            ? TypedResults.NoContent()
            : new Problem(PlatformProblems.NotFound, "There is no such share that lasts.");
    }

    private static Problem NoSuchLine() => new(PlatformProblems.NotFound, "There is no such rated line.");
}
