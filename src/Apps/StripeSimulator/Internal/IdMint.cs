using System.Globalization;

namespace Quoin.StripeSimulator.Internal;

/// <summary>Makes ids that look like Stripe's; from one seed always the same.</summary>
internal sealed class IdMint(int seed)
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private readonly Random random = new(seed);

    /// <summary>A new id.</summary>
    /// <param name="prefix">With its underscore, such as <c>cus_</c>.</param>
    public string New(string prefix) => prefix switch
    {
        "cus_" or "prod_" or "si_" or "req_" => prefix + Of(14),
        "cs_test_" => prefix + "a1" + Of(56),
        "pi_" or "ch_" or "txn_" or "re_" or "evt_" => prefix + "3" + Of(23),
        "whsec_" => prefix + Of(32),
        "acct_" => prefix + "1" + Of(15),
        "bps_" or "plink_" or "clock_" or "po_" or "in_" or "sub_" or "price_" or "pm_" or "du_" => prefix + "1" + Of(23),
        _ => prefix + "1" + Of(23),
    };

    /// <summary>Letters and digits.</summary>
    public string Of(int count)
    {
        Span<char> letters = stackalloc char[count];
        for (var index = 0; index < count; index++)
        {
            letters[index] = Letters[random.Next(Letters.Length)];
        }

        return new string(letters);
    }

    /// <summary>A number of some digits, for invoice and receipt numbers.</summary>
    public string Digits(int count) =>
        random.NextInt64((long)Math.Pow(10, count)).ToString(CultureInfo.InvariantCulture).PadLeft(count, '0');
}
