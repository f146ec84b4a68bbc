using Quoin.Kernel;

namespace Quoin.Pricing.Internal;

/// <summary>
/// Turns models and their rates into prices, one component for each name and meter. Sizes become cells by the dimension
/// <c>band</c>, hours cells by hours, dates versions.
/// </summary>
internal static class ModelPrices
{
    /// <summary>The value of <c>band</c> for requests beyond a size, as the token meters name it: <c>200k</c>.</summary>
    public static string BandName(long start) => start % 1_000 == 0 ? $"{start / 1_000}k" : $"{start}";

    public static ImportedPrices Of(
        string format,
        IReadOnlyList<PricedModel> models,
        int modelCount,
        IReadOnlyList<UnpricedModel> unpriced,
        IReadOnlyList<UnsupportedModel> unsupported,
        List<string> notes,
        ImportSettings settings)
    {
        long[] starts =
        [
            .. models
                .SelectMany(model => model.Rates)
                .SelectMany(rates => rates.ByMeter.Values)
                .SelectMany(rate => rate.Over)
                .Select(over => over.Start)
                .Distinct()
                .Order(),
        ];
        var prices = new List<PriceInput>();
        var taken = new HashSet<(string?, string)>();
        foreach (var model in models)
        {
            foreach (var name in model.Names)
            {
                var provider = settings.Provider is null ? model.Provider : null;
                if (!taken.Add((provider, name)))
                {
                    notes.Add($"{model.FullName}: the name '{name}' is another model's already");
                    continue;
                }

                prices.AddRange(PricesOf(model, Match(provider, name), starts, settings));
            }
        }

        var report = new ImportReport(
            format,
            modelCount,
            models.Count,
            prices.Count,
            [.. unpriced.Select(model => model.FullName)],
            unsupported,
            notes,
            starts);
        return new ImportedPrices([.. prices, .. Unpriced(unpriced, taken, settings)], report);
    }

    // Said of each meter, or a price for all models would charge a model whose price nobody knows.
    private static IEnumerable<PriceInput> Unpriced(
        IReadOnlyList<UnpricedModel> models, HashSet<(string?, string)> taken, ImportSettings settings) =>
        from model in models
        let provider = settings.Provider is null ? model.Provider : null
        from name in model.Names
        where taken.Add((provider, name))
        from meter in TokenMeters.All
        select new PriceInput(meter, Match: Match(provider, name), Terms: TermsDocument.Of(PriceTerms.Unpriced));

    private static Dictionary<string, string> Match(string? provider, string name) => provider is null
        ? new() { ["model"] = name }
        : new() { ["model"] = name, ["provider"] = provider };

    private static IEnumerable<PriceInput> PricesOf(
        PricedModel model, Dictionary<string, string> match, long[] starts, ImportSettings settings)
    {
        var markup = settings.Markup is { } rate ? new FactorDocument(Markup: rate) : null;
        foreach (var meter in model.Rates.SelectMany(rates => rates.ByMeter.Keys).Distinct().Order(StringComparer.Ordinal))
        {
            foreach (var (from, cells) in VersionsOf(model, meter, starts, settings.Now))
            {
                yield return new PriceInput(
                    meter,
                    Match: match,
                    EffectiveFrom: from,
                    Terms: new TermsDocument(Factor: markup),
                    Cost: new TermsDocument(cells));
            }
        }
    }

    // What began before now holds as a first price; what begins later is a version of its own.
    private static IEnumerable<(DateTimeOffset? From, CellDocument[] Cells)> VersionsOf(
        PricedModel model, string meter, long[] starts, DateTimeOffset now)
    {
        var dates = model.Rates.Select(rates => rates.From ?? DateTimeOffset.MinValue).Where(from => from > now).Distinct().Order();
        foreach (var at in dates.Prepend(now))
        {
            var holding = model.Rates.Where(rates => (rates.From ?? DateTimeOffset.MinValue) <= at).Reverse().ToList();
            var always = holding.FindIndex(rates => rates.Hours is null);
            CellDocument[] cells =
            [
                .. holding
                    .Take(always < 0 ? holding.Count : always + 1)
                    .Where(rates => rates.ByMeter.ContainsKey(meter))
                    .SelectMany(rates => CellsOf(rates.ByMeter[meter], rates.Hours, starts)),
            ];
            if (cells.Length > 0)
            {
                yield return (at == now ? null : at, cells);
            }
        }
    }

    private static IEnumerable<CellDocument> CellsOf(TokenRate rate, WeeklyHours? hours, long[] starts)
    {
        var bands = rate.Over.Count == 0 ? [] : starts.Where(start => start >= rate.Over[0].Start).Reverse();
        foreach (var start in bands)
        {
            yield return Cell(rate.At(start), rate.Per, Dimensions.Of("band", BandName(start)), hours);
        }

        yield return Cell(rate.Base, rate.Per, Dimensions.None, hours);
    }

    private static CellDocument Cell(decimal price, decimal per, Dimensions match, WeeklyHours? hours)
    {
        var cell = new PriceCell(PriceCell.KeyOf(match, hours), match, new PriceModel.PerUnit(price, per), hours);
        return TermsDocument.Of(new PriceTerms([cell])).Cells![0];
    }
}
