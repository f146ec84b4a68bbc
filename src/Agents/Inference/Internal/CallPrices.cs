using System.Collections.Concurrent;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Metering;

namespace Quoin.Inference.Internal;

/// <summary>What a call can cost with one model that may answer it.</summary>
/// <param name="Model">The model.</param>
/// <param name="Most">With all the output that is allowed, in micros, unrounded.</param>
/// <param name="Least">With as little output as is still worth calling for.</param>
/// <param name="IsPriced">Whether plain input and output have prices.</param>
internal readonly record struct CandidateBound(ProviderModel Model, decimal Most, decimal Least, bool IsPriced);

/// <summary>What a call can cost.</summary>
/// <param name="Currency">The billing account's.</param>
/// <param name="Candidates">With each model that may answer.</param>
internal sealed record CallBound(Currency Currency, IReadOnlyList<CandidateBound> Candidates)
{
    /// <summary>With the dearest of them and all its output, rounded up.</summary>
    public Money Most => new(checked((long)decimal.Ceiling(Candidates.Max(candidate => candidate.Most))), Currency);

    /// <summary>With the dearest of them and the least output, rounded up.</summary>
    public Money Least => new(checked((long)decimal.Ceiling(Candidates.Max(candidate => candidate.Least))), Currency);
}

/// <summary>What a call came to.</summary>
/// <param name="Quote">The prices of its parts.</param>
/// <param name="Data">What Metering will be told.</param>
/// <param name="Unpriced">Meters that count what it used and have no price for it.</param>
internal sealed record PricedCall(Quote Quote, CompletionData Data, IReadOnlyList<string> Unpriced);

/// <summary>Prices calls: before them at the dearest they can be, after them by what they used.</summary>
internal sealed class CallPrices(CompletionMeters meters, Quotes quotes, MoneyMetrics metrics)
{
    // So many tokens have a whole price in micros, as a rule, and never one with more decimals than there is room for.
    private const long TokensPriced = 1_000_000;

    private const string Input = "input_tokens";
    private const string Output = "output_tokens";
    private const string Requests = "requests";
    private const string RequestsMeter = "llm.requests";
    private const string ReasoningMeter = "llm.reasoning_tokens";
    private const string CachedWriteHourMeter = "llm.cached_write_hour_tokens";

    // Whatever the input turns out to be, read, written to a cache or heard, is bounded by the dearest of them. All that the
    // token meters' bands add up must be among them: calls in other bands are priced from the start each time.
    private static readonly string[] InputSorts =
    [
        Input,
        "cached_read_tokens",
        "cached_write_tokens",
        "cached_write_hour_tokens",
        "audio_input_tokens",
        "audio_cached_read_tokens",
    ];

    private static readonly string[] OutputSorts = [Output, "reasoning_tokens", "audio_output_tokens"];

    private readonly ConcurrentDictionary<(OrgId Org, BillingAccountId Account, ProviderModel Model, decimal Band), Rates> known =
        new();

    /// <summary>A cost as budgets count it: with twelve decimals of a micro, more than any price has.</summary>
    public static decimal Whole(decimal micros) => decimal.Round(micros, 12);

    /// <summary>What a call can cost; null where the organisation has no such billing account.</summary>
    public async ValueTask<CallBound?> Bound(
        ModelCall call, UsageBounds bounds, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var candidates = new List<CandidateBound>(call.Candidates.Count);
        Currency? currency = null;
        foreach (var model in call.Candidates)
        {
            if (await CostOf(call, model, bounds.InputTokensMost, bounds.OutputTokensMost, at, cancellationToken) is not { } most)
            {
                return null;
            }

            var least = bounds.OutputTokensLeast < bounds.OutputTokensMost
                ? await CostOf(call, model, bounds.InputTokensMost, bounds.OutputTokensLeast, at, cancellationToken) ?? most
                : most;
            currency = most.Currency;
            candidates.Add(new CandidateBound(model, most.Micros, least.Micros, most.IsPriced));
        }

        return new CallBound(currency!.Value, candidates);
    }

    /// <summary>How much output an amount pays for, whichever model answers; at least the least that was asked for.</summary>
    public async ValueTask<long> OutputFor(
        Money amount,
        ModelCall call,
        UsageBounds bounds,
        CallBound bound,
        DateTimeOffset at,
        CancellationToken cancellationToken)
    {
        var output = bounds.OutputTokensMost;
        foreach (var candidate in bound.Candidates.Where(candidate => candidate.Most > amount.Micros))
        {
            // Prices are mostly so much a token. Where tiers bend them, halving finds what is sure to be paid for.
            var perToken = (candidate.Most - candidate.Least) / (bounds.OutputTokensMost - bounds.OutputTokensLeast);
            var paid = bounds.OutputTokensLeast + (long)decimal.Floor((amount.Micros - candidate.Least) / perToken);
            var next = Math.Clamp(paid, bounds.OutputTokensLeast, output);
            while (next > bounds.OutputTokensLeast
                && await CostOf(call, candidate.Model, bounds.InputTokensMost, next, at, cancellationToken) is { } cost
                && cost.Micros > amount.Micros)
            {
                next = bounds.OutputTokensLeast + ((next - bounds.OutputTokensLeast) / 2);
            }

            output = Math.Min(output, next);
        }

        return output;
    }

    /// <summary>What a call came to; null where the organisation has no such billing account.</summary>
    /// <param name="call">The call.</param>
    /// <param name="project">The project it was made for; null for none.</param>
    /// <param name="answered">The model that answered.</param>
    /// <param name="usage">What was used.</param>
    /// <param name="at">When, by the organisation's clock.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async ValueTask<PricedCall?> Price(
        ModelCall call,
        ProjectId? project,
        ProviderModel answered,
        ModelUsage usage,
        DateTimeOffset at,
        CancellationToken cancellationToken)
    {
        var data = DataOf(call, project, answered, usage);
        var parts = await meters.Measure(data, at, cancellationToken);
        if (await quotes.Of(call.Org, call.BillingAccount, at, parts, cancellationToken) is not { } quote)
        {
            return null;
        }

        if (Fold(data, usage, parts, quote.Unpriced))
        {
            parts = await meters.Measure(data, at, cancellationToken);
            quote = (await quotes.Of(call.Org, call.BillingAccount, at, parts, cancellationToken))!;
        }

        return new PricedCall(quote, data, [.. quote.Unpriced.Where(meter => meter != RequestsMeter)]);
    }

    // Finer sorts count on their own only where they have a price of their own; else they are what they are a sort of.
    private static bool Fold(
        CompletionData data, ModelUsage usage, IReadOnlyList<UsagePart> parts, IReadOnlyList<string> unpriced)
    {
        if (unpriced.Contains(RequestsMeter))
        {
            data.Withdraw(Requests);
        }

        var isFolded = false;
        if (usage.ReasoningTokens > 0 && !IsPriced(ReasoningMeter))
        {
            data.Withdraw("reasoning_tokens");
            data.Count("output_tokens", usage.OutputTokens);
            isFolded = true;
        }

        if (usage.CachedWriteHourTokens > 0 && !IsPriced(CachedWriteHourMeter))
        {
            data.Withdraw("cached_write_hour_tokens");
            data.Count("cached_write_tokens", usage.CachedWriteTokens + usage.CachedWriteHourTokens);
            isFolded = true;
        }

        return isFolded;

        bool IsPriced(string meter) => parts.Any(part => part.Meter == meter) && !unpriced.Contains(meter);
    }

    private static CompletionData DataOf(ModelCall call, ProjectId? project, ProviderModel answered, ModelUsage usage)
    {
        var data = new CompletionData(answered);
        data.Say("key", call.Actor);
        data.Say("project", project?.ToString());
        data.Say("session", call.Session);
        data.Say("user", call.User);
        data.Count("input_tokens", usage.InputTokens);
        data.Count("cached_read_tokens", usage.CachedReadTokens);
        data.Count("cached_write_tokens", usage.CachedWriteTokens);
        data.Count("cached_write_hour_tokens", usage.CachedWriteHourTokens);
        data.Count("output_tokens", usage.OutputTokens - usage.ReasoningTokens);
        data.Count("reasoning_tokens", usage.ReasoningTokens);
        data.Count("audio_input_tokens", usage.AudioInputTokens);
        data.Count("audio_cached_read_tokens", usage.AudioCachedReadTokens);
        data.Count("audio_output_tokens", usage.AudioOutputTokens);
        data.Count(Requests, usage.Requests);
        return data;
    }

    // Most prices are so much a token, in a band of sizes: then what a token costs is worked out once, and remembered while
    // nothing changes.
    private async ValueTask<Cost?> CostOf(
        ModelCall call, ProviderModel model, long input, long output, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (await quotes.TermsOf(call.Org, call.BillingAccount, at, cancellationToken) is not { } terms)
        {
            return null;
        }

        var all = await meters.All(cancellationToken);
        if (CompletionMeters.BandOf(all, InputSorts, input, at) is not { } band)
        {
            return (await Price(call, model, input, output, at, cancellationToken))?.Cost(output);
        }

        var key = (call.Org, call.BillingAccount, model, band);
        if (!known.TryGetValue(key, out var rates) || !rates.Terms.AreStill(terms) || !ReferenceEquals(rates.Meters, all))
        {
            var probed = CompletionMeters.BandOf(all, InputSorts, TokensPriced, at) == band ? TokensPriced : input;
            rates = new Rates(terms, all, probed, await Price(call, model, probed, TokensPriced, at, cancellationToken));
            if (known.Count >= Limits.RatesRememberedMax)
            {
                known.Clear();
            }

            known[key] = rates;
        }

        var parts = rates.Parts is { IsLinear: false }
            ? await Price(call, model, input, output, at, cancellationToken)
            : rates.For(input, output);
        return parts?.Cost(output);
    }

    private async ValueTask<CostParts?> Price(
        ModelCall call, ProviderModel model, long input, long output, DateTimeOffset at, CancellationToken cancellationToken)
    {
        metrics.WorkedOut();
        var ways = new Dictionary<string, IReadOnlyList<UsagePart>>(StringComparer.Ordinal);
        foreach (var sort in InputSorts)
        {
            ways.Add(sort, await Measure((sort, input)));
        }

        // The input decides the band of the output, too.
        foreach (var sort in OutputSorts)
        {
            ways.Add(sort, Without(ways[Input], await Measure((Input, input), (sort, output))));
        }

        ways.Add(Requests, Without(ways[Input], await Measure((Input, input), (Requests, 1))));
        var parts = ways.Values.SelectMany(way => way).ToArray();
        if (await quotes.Of(call.Org, call.BillingAccount, at, parts, cancellationToken) is not { } quote)
        {
            return null;
        }

        var priced = quote.Parts.ToDictionary<QuotedPart, UsagePart, decimal>(
            part => part.Part, part => part.CustomerMicros, ReferenceEqualityComparer.Instance);
        return new CostParts(
            quote.Currency,
            Dearest(InputSorts),
            Dearest(OutputSorts),
            Dearest([Requests]),
            HasPrice(Input),
            HasPrice(Output),
            quote.IsLinear);

        decimal Dearest(string[] sorts) =>
            sorts.Max(sort => ways[sort].Sum(part => priced.GetValueOrDefault(part)));

        bool HasPrice(string sort) => ways[sort] is { Count: > 0 } way && way.All(priced.ContainsKey);

        ValueTask<IReadOnlyList<UsagePart>> Measure(params ReadOnlySpan<(string Sort, long Quantity)> said)
        {
            var data = new CompletionData(model);
            foreach (var (sort, quantity) in said)
            {
                data.Count(sort, quantity);
            }

            return meters.Measure(data, at, cancellationToken);
        }
    }

    private static IReadOnlyList<UsagePart> Without(IReadOnlyList<UsagePart> these, IReadOnlyList<UsagePart> parts) =>
        [.. parts.Where(part => these.All(one => one.Meter != part.Meter))];

    private readonly record struct Cost(Currency Currency, decimal Micros, bool IsPriced);

    // What so much input and output costs at the dearest, apart.
    private sealed record CostParts(
        Currency Currency,
        decimal Input,
        decimal Output,
        decimal Request,
        bool IsInputPriced,
        bool IsOutputPriced,
        bool IsLinear)
    {
        public Cost Cost(long output) =>
            new(Currency, Input + Output + Request, IsInputPriced && (output == 0 || IsOutputPriced));
    }

    // What so much input, and a million of output, cost while nothing changes.
    private sealed record Rates(QuoteTerms Terms, IReadOnlyCollection<Meter> Meters, long ProbedInput, CostParts? Parts)
    {
        public CostParts? For(long input, long output) => Parts is null
            ? null
            : Parts with
            {
                Input = ProbedInput == 0 ? Parts.Input : Whole(Parts.Input * input / ProbedInput),
                Output = Whole(Parts.Output * output / TokensPriced),
            };
    }
}
