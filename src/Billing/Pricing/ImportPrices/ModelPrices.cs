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
        long[] bands = [.. starts.Union(TokenMeters.BandStarts).Order()];
        var prices = new List<PriceInput>();
        var taken = new HashSet<(string?, string)>();
        var offers = settings.Provider is null ? ByWhom(models, settings, notes) : ByModel(models, notes);
        foreach (var (provider, name, model) in offers)
        {
            taken.Add((provider, name));
            prices.AddRange(PricesOf(model, Match(provider, name), bands, settings));
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

    // One provider's: its models by their names alone, the full ones first.
    private static List<Offer> ByModel(IReadOnlyList<PricedModel> models, List<string> notes)
    {
        var offers = new List<Offer>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, model) in NamesOf(models))
        {
            if (taken.Add(name))
            {
                offers.Add(new Offer(null, name, model));
            }
            else
            {
                notes.Add($"{model.FullName}: the name '{name}' is another model's already");
            }
        }

        return offers;
    }

    // All providers': by the model's name alone where all who own it ask the same, so that it does not matter what the
    // operator calls the provider; by both where they do not, and where the book has such a price, which would go first.
    private static List<Offer> ByWhom(IReadOnlyList<PricedModel> models, ImportSettings settings, List<string> notes)
    {
        var offers = new List<Offer>();
        foreach (var named in NamesOf(models).GroupBy(one => one.Name, StringComparer.Ordinal))
        {
            PricedModel[] all = [.. named.Select(one => one.Model).DistinctBy(model => model.Provider)];
            PricedModel[] owners = [.. all.Where(model => model.Names.Contains(named.Key))];
            var asked = (owners.Length > 0 ? owners : all).DistinctBy(model => model.RatesText).ToArray();
            var usual = asked.Length == 1 ? asked[0] : null;
            offers.AddRange(all
                .Where(model => model.RatesText != usual?.RatesText
                    || settings.PricedByProvider.Contains((model.Provider, named.Key)))
                .Select(model => new Offer(model.Provider, named.Key, model)));
            if (usual is not null)
            {
                offers.Add(new Offer(null, named.Key, usual));
            }
            else
            {
                var providers = string.Join(", ", all.Select(model => model.Provider));
                notes.Add($"'{named.Key}' costs differently at {providers}: priced by provider and model");
            }

            notes.AddRange(named
                .Where(one => !all.Contains(one.Model))
                .Select(one => $"{one.Model.FullName}: the name '{named.Key}' is another model's already"));
        }

        return offers;
    }

    private static IEnumerable<(string Name, PricedModel Model)> NamesOf(IReadOnlyList<PricedModel> models) =>
    [
        .. models.SelectMany(model => model.Names.Select(name => (name, model))),
        .. models.Where(model => model.ShortName is not null).Select(model => (model.ShortName!, model)),
    ];

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

    private readonly record struct Offer(string? Provider, string Name, PricedModel Model);
}
