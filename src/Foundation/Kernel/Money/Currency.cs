namespace Quoin.Kernel;

/// <summary>
/// The code of a currency: three to five capital letters. ISO 4217 codes and stablecoin tickers alike;
/// <c>USDC</c> is a currency of its own, never a synonym of <c>USD</c>.
/// </summary>
public readonly record struct Currency
{
    private readonly string? code;

    private Currency(string code) => this.code = code;

    /// <summary>United States dollar.</summary>
    public static readonly Currency Usd = new("USD");

    /// <summary>The code as stored and shown.</summary>
    public string Code => code ?? throw new InvalidOperationException("A default currency has no code.");

    /// <summary>Reads a code; anything but <c>^[A-Z]{3,5}$</c> is a programmer error.</summary>
    /// <exception cref="FormatException">The text is not a currency code.</exception>
    public static Currency Of(string text) =>
        TryParse(text, out var currency) ? currency : throw new FormatException($"'{text}' is not a currency code.");

    /// <summary>Reads a code from outside; false when it is not <c>^[A-Z]{3,5}$</c>.</summary>
    public static bool TryParse(string? text, out Currency currency)
    {
        var isCode = text is { Length: >= 3 and <= 5 } && text.All(char.IsAsciiLetterUpper);
        currency = isCode ? new Currency(text!) : default;
        return isCode;
    }

    /// <inheritdoc />
    public override string ToString() => code ?? "(none)";
}
