using System.Globalization;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.ConsolePages.BrowsePrices;

/// <summary>A price as a person writes it, field by field, and what is wrong with it.</summary>
public sealed class PriceForm
{
    private const NumberStyles Numbers = NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands | NumberStyles.AllowLeadingSign;
    private const string Rest = "*";

    private readonly Dictionary<string, string> fields = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> wrong = new(StringComparer.Ordinal);

    /// <summary>Cells shown.</summary>
    public int Cells { get; private set; } = 1;

    /// <summary>What is wrong and belongs to no one field; null when nothing is.</summary>
    public string? Complaint { get; private set; }

    /// <summary>Whether nothing was found wrong so far.</summary>
    public bool IsReadable => wrong.Count == 0 && Complaint is null;

    /// <summary>A field's text.</summary>
    public string this[string field] => fields.GetValueOrDefault(field, string.Empty);

    /// <summary>The names of all fields of a form with some cells.</summary>
    public static IEnumerable<string> Names(int cells) =>
    [
        "meter", "match", "group_by", "basis", "rate", "included", "minimum", "maximum", "scale", "effective_from", "quantities",
        "closed", "cell",
        .. Enumerable.Range(0, cells).SelectMany(cell => (string[])
        [
            $"key_{cell}", $"match_{cell}", $"hours_{cell}", $"included_{cell}", $"model_{cell}", $"price_{cell}", $"per_{cell}",
            $"tiers_{cell}",
        ]),
    ];

    /// <summary>What is wrong with a field; null when nothing is.</summary>
    public string? Wrong(string field) => wrong.GetValueOrDefault(field);

    /// <summary>Says what is wrong where it belongs to no one field.</summary>
    public void Refuse(string reason) => Complaint = reason;

    /// <summary>Whether it asks less than its usage costs, and whoever writes it is asked whether that is meant.</summary>
    public bool IsBelowCost { get; private set; }

    /// <summary>Says that it asks less than its usage costs.</summary>
    public void AskWhetherBelowCostIsMeant(string reason) => (Complaint, IsBelowCost) = (reason, true);

    /// <summary>Reads what was written.</summary>
    /// <param name="text">A field's text.</param>
    /// <param name="isMore">Whether one cell more was asked for.</param>
    public static PriceForm Read(Func<string, string?> text, bool isMore)
    {
        var cells = Enumerable.Range(0, Limits.CellsEdited).LastOrDefault(cell => text($"model_{cell}") is not null, 0) + 1;
        var form = new PriceForm { Cells = Math.Min(Limits.CellsEdited, isMore ? cells + 1 : cells) };
        foreach (var name in Names(form.Cells))
        {
            form.fields[name] = text(name)?.Trim() ?? string.Empty;
        }

        return form;
    }

    /// <summary>A form that says what a version says.</summary>
    public static PriceForm Of(PriceVersion version)
    {
        var form = new PriceForm { Cells = Math.Clamp(version.Terms.Cells.Count, 1, Limits.CellsEdited) };
        var filled = form.fields;
        filled["meter"] = version.Meter;
        filled["match"] = Text(version.Match);
        filled["group_by"] = string.Join(", ", version.GroupBy);
        (filled["basis"], filled["rate"]) = version.Terms.Factor switch
        {
            PriceFactor.Markup markup => ("markup", Text(markup.Rate * 100)),
            PriceFactor.Margin margin => ("margin", Text(margin.Rate * 100)),
            PriceFactor.Discount discount => ("discount", Text(discount.Rate * 100)),
            _ => ("price", string.Empty),
        };
        filled["included"] = version.Terms.Included == 0 ? string.Empty : Text(version.Terms.Included);
        filled["minimum"] = Text(version.Terms.Minimum);
        filled["maximum"] = Text(version.Terms.Maximum);
        filled["scale"] = version.Scale.ToString(CultureInfo.InvariantCulture);
        foreach (var (index, cell) in version.Terms.Cells.Take(Limits.CellsEdited).Index())
        {
            form.Fill(index, cell);
        }

        return form;
    }

    /// <summary>The price; null when something is wrong, which is then said.</summary>
    /// <param name="now">The system's time: a change begins ahead of it.</param>
    /// <param name="isFirst">Whether the component has no version yet.</param>
    public NewPrice? Price(DateTimeOffset now, bool isFirst)
    {
        var cells = Enumerable.Range(0, Cells).Where(cell => this[$"model_{cell}"].Length > 0).Select(Cell).ToList();
        var basis = this["basis"];
        var isCost = basis is "markup" or "margin";
        var rate = Number("rate") / 100;
        if (basis.Length > 0 && basis != "price" && rate is null && !wrong.ContainsKey("rate"))
        {
            wrong["rate"] = "Say how many percent.";
        }

        var factor = basis switch
        {
            "markup" => new FactorDocument(Markup: rate),
            "margin" => new FactorDocument(Margin: rate),
            "discount" => new FactorDocument(Discount: rate),
            _ => null,
        };
        var terms = new TermsDocument(
            cells, Number("included"), Number("maximum"), Number("minimum"), factor);
        var (match, start, scale) = (Pairs("match"), EffectiveFrom(now, isFirst), Number("scale"));
        if (wrong.Count > 0)
        {
            return null;
        }

        if (cells.Count == 0)
        {
            Complaint = "Say what it costs.";
            return null;
        }

        var cost = isCost ? new TermsDocument(cells).Read() : null;
        var read = terms.Read();
        if ((read as TermsOutcome.Refused ?? cost as TermsOutcome.Refused) is { } refused)
        {
            Complaint = refused.Reason;
            return null;
        }

        var price = new NewPrice(this["meter"], match, ((TermsOutcome.Read)read).Terms, start)
        {
            GroupBy = [.. this["group_by"].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
            Cost = (cost as TermsOutcome.Read)?.Terms,
            Scale = (int)(scale ?? PriceVersion.ScaleMax),
        };
        Complaint = price.WhyRefused();
        return Complaint is null ? price : null;
    }

    /// <summary>The quantities to preview, rising; those that cannot be read are left out.</summary>
    public IReadOnlyList<decimal> Quantities() =>
    [
        .. this["quantities"]
            .Split([';', ' ', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(text => decimal.TryParse(text, Numbers, CultureInfo.InvariantCulture, out var quantity) ? quantity : -1)
            .Where(quantity => quantity is >= 0 and <= Pricing.Limits.QuantityMax)
            .Distinct()
            .Order()
            .Take(Limits.QuantitiesPreviewed),
    ];

    private CellDocument Cell(int cell)
    {
        var match = Pairs($"match_{cell}").ToDictionary();
        var (price, per) = (Number($"price_{cell}"), Number($"per_{cell}"));
        var type = this[$"model_{cell}"];
        var model = type switch
        {
            "flat" => new ModelDocument(type, Price: Required($"price_{cell}", price)),
            "package" => new ModelDocument(type, Price: Required($"price_{cell}", price), Size: Required($"per_{cell}", per)),
            "graduated" or "volume" => new ModelDocument(type, Per: per, Tiers: Tiers($"tiers_{cell}")),
            "percentage" => new ModelDocument(type, Percent: Required($"price_{cell}", price)),
            _ => new ModelDocument(type, Price: Required($"price_{cell}", price), Per: per),
        };
        return new CellDocument(
            model,
            FormText.Of(this[$"key_{cell}"]),
            match.Count == 0 ? null : match,
            Hours($"hours_{cell}"),
            Number($"included_{cell}"));
    }

    private decimal? Required(string field, decimal? number)
    {
        if (number is null && !wrong.ContainsKey(field))
        {
            wrong[field] = "Say how much.";
        }

        return number;
    }

    // One tier a line: its end, its unit price and, where there is one, its flat price.
    private List<TierDocument> Tiers(string field)
    {
        var tiers = new List<TierDocument>();
        foreach (var line in this[field].Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split((char[])[' ', '\t', ';'], StringSplitOptions.RemoveEmptyEntries);
            var numbers = words.Select(word =>
                decimal.TryParse(word, Numbers, CultureInfo.InvariantCulture, out var number) ? number : (decimal?)null).ToList();
            if (words.Length is < 2 or > 3 || numbers.Skip(1).Any(number => number is null) || (numbers[0] is null && words[0] != Rest))
            {
                wrong[field] = $"“{line}” is no tier: write its end (* for the last), its unit price, and its flat price if it has one.";
                return tiers;
            }

            tiers.Add(new TierDocument(numbers[1]!.Value, words[0] == Rest ? null : numbers[0], words.Length == 3 ? numbers[2] : null));
        }

        if (tiers.Count == 0)
        {
            wrong[field] = "Write one tier a line.";
        }

        return tiers;
    }

    // As WeeklyHours writes them: mon,tue 08:00-20:00 Europe/Berlin.
    private HoursDocument? Hours(string field)
    {
        var words = this[field].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            return null;
        }

        var at = Array.FindIndex(
            words, word => word.Contains('-', StringComparison.Ordinal) && word.Contains(':', StringComparison.Ordinal));
        if (at is not (0 or 1) || words[at].Split('-') is not [var from, var until])
        {
            wrong[field] = "Write it like: mon,tue,wed,thu,fri 08:00-20:00 Europe/Berlin.";
            return null;
        }

        return new HoursDocument(from, until, at == 1 ? words[0].Split(',') : null, words.Length > at + 1 ? words[at + 1] : null);
    }

    private Dimensions Pairs(string field)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in this[field].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (text.Split('=', 2, StringSplitOptions.TrimEntries) is [{ Length: > 0 } name, { Length: > 0 } value])
            {
                pairs[name] = value;
            }
            else
            {
                wrong[field] = "Write it like: model = gpt-4o, region = eu.";
            }
        }

        return Dimensions.Of(pairs);
    }

    private DateTimeOffset? EffectiveFrom(DateTimeOffset now, bool isFirst)
    {
        var instant = FormText.Instant(this["effective_from"]);
        if (instant is null && this["effective_from"].Length > 0)
        {
            wrong["effective_from"] = "This is no date with a time of day.";
        }

        return instant ?? (isFirst ? null : QuarterHour.Of(now + Pricing.Limits.PublishAhead).AddTicks(QuarterHour.Ticks));
    }

    private decimal? Number(string field)
    {
        var isNumber = decimal.TryParse(this[field], Numbers, CultureInfo.InvariantCulture, out var number);
        if (!isNumber && this[field].Length > 0)
        {
            wrong[field] = $"“{this[field]}” is no number.";
        }

        return isNumber ? number : null;
    }

    private void Fill(int index, PriceCell cell)
    {
        fields[$"key_{index}"] = cell.Key;
        fields[$"match_{index}"] = Text(cell.Match);
        fields[$"hours_{index}"] = cell.Hours?.ToString() ?? string.Empty;
        fields[$"included_{index}"] = cell.Included == 0 ? string.Empty : Text(cell.Included);
        fields[$"model_{index}"] = cell.Model.Name;
        (fields[$"price_{index}"], fields[$"per_{index}"], fields[$"tiers_{index}"]) = cell.Model switch
        {
            PriceModel.Flat flat => (Text(flat.Price), string.Empty, string.Empty),
            PriceModel.PerUnit unit => (Text(unit.Price), Text(unit.Per), string.Empty),
            PriceModel.Package package => (Text(package.Price), Text(package.Size), string.Empty),
            PriceModel.Graduated graduated => (string.Empty, Text(graduated.Per), Text(graduated.Tiers)),
            PriceModel.Volume volume => (string.Empty, Text(volume.Per), Text(volume.Tiers)),
            PriceModel.Percentage percentage => (Text(percentage.Percent), string.Empty, string.Empty),
            _ => (string.Empty, string.Empty, string.Empty),
        };
    }

    private static string Text(Dimensions match) =>
        string.Join(", ", match.ToDictionary().Select(pair => $"{pair.Key} = {pair.Value}"));

    private static string Text(IEnumerable<PriceTier> tiers) => string.Join(
        '\n',
        tiers.Select(tier => $"{(tier.UpTo is { } end ? Text(end) : Rest)} {Text(tier.UnitPrice)}"
            + (tier.FlatPrice == 0 ? string.Empty : $" {Text(tier.FlatPrice)}")));

    private static string Text(decimal? number) => number?.ToString("0.############", CultureInfo.InvariantCulture) ?? string.Empty;
}
