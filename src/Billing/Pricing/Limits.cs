namespace Quoin.Pricing;

/// <summary>Pricing's limits, each with its reason.</summary>
public static class Limits
{
    /// <summary>Prices published in one request: a whole catalogue of models fits, a runaway script does not.</summary>
    public const int PricesPerPublishMax = 2_000;

    /// <summary>
    /// Dearest unit price, in units of currency: with the largest quantity an event may carry it still rates to
    /// 64 bits of micros or is set aside, never wraps.
    /// </summary>
    public const decimal UnitPriceMax = 1_000_000_000m;

    /// <summary>Digits after the point of a unit price.</summary>
    public const int UnitPriceScaleMax = 12;

    /// <summary>Letters of a book's name, and of a meter's.</summary>
    public const int NameLettersMax = 100;

    /// <summary>Letters of a dimension's name or value; Metering takes no longer values.</summary>
    public const int DimensionLettersMax = 200;

    /// <summary>A request's JSON: the largest catalogue, a few dimensions each, with room to spare.</summary>
    public const int BodyBytesMax = 4 * 1024 * 1024;

    /// <summary>
    /// How far ahead a new version of a component must begin: events may be dated this far into the future, and usage
    /// that is already rated must not fall under a price published after it.
    /// </summary>
    public static readonly TimeSpan PublishAhead = TimeSpan.FromMinutes(5);
}
