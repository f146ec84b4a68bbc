using System.Globalization;
using Quoin.Pricing;

namespace Quoin.Tests.Unit.Billing.Pricing;

/// <summary>Amounts worked out by hand from what each price means; the last column shows how.</summary>
public sealed class RatingByHand
{
    // price [=> next price] | quantities [=> at the next price] | open or closed | digits | micros | arithmetic
    private const string Examples = """
        flat 12.5                                      | 1                | open   | 6 | 12_500_000    | once for any usage
        flat 12.5                                      | 900              | open   | 6 | 12_500_000    | once, however much
        flat 12.5                                      | 0                | open   | 6 | 0             | no usage, no price
        flat 12.5                                      | -3               | open   | 6 | -12_500_000   | taken back as it was charged
        unit 0.25                                      | 10               | open   | 6 | 2_500_000     | 10 × 0.25
        unit 0.25                                      | 0.5              | open   | 6 | 125_000       | 0.5 × 0.25
        unit 2.50 per 1000000                          | 1234567          | open   | 6 | 3_086_418     | 3.0864175, the half goes up
        unit 2.50 per 1000000                          | -1234567         | open   | 6 | -3_086_418    | −3.0864175, half away from zero
        unit 0.15 per 1000000                          | 1                | open   | 6 | 0             | 0.00000015
        unit 0.15 per 1000000                          | 20               | open   | 6 | 3             | 0.000003
        unit 1 per 3                                   | 1                | open   | 6 | 333_333       | a third of a dollar
        unit 1 per 3                                   | 2                | open   | 6 | 666_667       | two thirds
        unit 0.02 per 3865470566400                    | 3865470566400    | open   | 6 | 20_000        | a GiB-hour is 2^30 × 3600
        unit 0.02 per 3865470566400                    | 1932735283200    | open   | 6 | 10_000        | half a GiB for an hour
        unit 1                                         | 0.0000004        | open   | 6 | 0             | below half a micro
        unit 1                                         | 0.0000005        | open   | 6 | 1             | half a micro goes up
        unit 1                                         | 1.234            | open   | 2 | 1_230_000     | whole cents: 1.23
        unit 1                                         | 1.235            | open   | 2 | 1_240_000     | half a cent goes up
        unit 1                                         | 1.5              | open   | 0 | 2_000_000     | whole dollars: 1.5 goes to 2
        unit 1                                         | 1.49             | open   | 0 | 1_000_000     | 1.49 goes to 1
        unit 3 included 100                            | 100              | open   | 6 | 0             | all included
        unit 3 included 100                            | 101              | open   | 6 | 3_000_000     | (101 − 100) × 3
        unit 3 included 100                            | 99.5             | open   | 6 | 0             | below what is included
        package 5 size 100                             | 1                | open   | 6 | 5_000_000     | one package begun
        package 5 size 100                             | 100              | open   | 6 | 5_000_000     | one package full
        package 5 size 100                             | 100.01           | open   | 6 | 10_000_000    | a second one begun
        package 5 size 100                             | 1000             | open   | 6 | 50_000_000    | ten full
        package 5 size 100 included 50                 | 150              | open   | 6 | 5_000_000     | 100 beyond what is included: one
        package 5 size 100                             | -150             | open   | 6 | -10_000_000   | two taken back
        graduated 100@1 rest@0.5                       | 100              | open   | 6 | 100_000_000   | 100 × 1: an end is its tier's
        graduated 100@1 rest@0.5                       | 101              | open   | 6 | 100_500_000   | 100 × 1 + 1 × 0.5
        graduated 100@1 200@0.5 rest@0.1               | 250              | open   | 6 | 155_000_000   | 100 × 1 + 100 × 0.5 + 50 × 0.1
        graduated 100@1 200@0.5 rest@0.1               | 40               | open   | 6 | 40_000_000    | 40 × 1
        graduated 100@1+10 rest@0.5+20                 | 100              | open   | 6 | 110_000_000   | 10 + 100 × 1
        graduated 100@1+10 rest@0.5+20                 | 102              | open   | 6 | 131_000_000   | 10 + 100 + 20 + 2 × 0.5
        graduated 1000000@0 rest@4 per 1000000         | 3500000          | open   | 6 | 10_000_000    | the first million free; 2.5 × 4
        graduated 10@2 rest@1 included 5               | 20               | open   | 6 | 25_000_000    | 15 beyond: 10 × 2 + 5 × 1
        graduated 10@0.3 rest@0.2 per 3                | 11               | open   | 6 | 1_066_667     | 10 × 0.1 + 1 × 0.0666…
        volume 100@1 rest@0.5                          | 100              | open   | 6 | 100_000_000   | the first tier for all
        volume 100@1 rest@0.5                          | 101              | open   | 6 | 50_500_000    | the second tier for all: 101 × 0.5
        volume 100@1+10 rest@0.5+20                    | 200              | open   | 6 | 120_000_000   | 20 + 200 × 0.5
        volume 10@7 100@5 rest@3 per 10                | 55               | open   | 6 | 27_500_000    | 55 × 5 ÷ 10
        volume 100@1 rest@0.5 included 100             | 201              | open   | 6 | 50_500_000    | 101 beyond what is included, at 0.5
        percent 2.9                                    | 200              | open   | 6 | 5_800_000     | 2.9 % of 200
        percent 0.25                                   | 33.33            | open   | 6 | 83_325        | 33.33 × 0.0025
        percent 2.9, min 0.30                          | 4                | closed | 6 | 300_000       | 0.116 lifted to 0.30
        unit 2, max 50                                 | 24               | open   | 6 | 48_000_000    | below the maximum
        unit 2, max 50                                 | 26               | open   | 6 | 50_000_000    | 52 held at 50
        unit 2, min 30                                 | 10               | open   | 6 | 20_000_000    | no minimum while the period is open
        unit 2, min 30                                 | 10               | closed | 6 | 30_000_000    | 20 lifted to 30
        unit 2, min 30                                 | 16               | closed | 6 | 32_000_000    | 32 is enough
        unit 2, min 30                                 | 0                | closed | 6 | 30_000_000    | a minimum needs no usage
        unit 2, min 30 max 50                          | 40               | closed | 6 | 50_000_000    | 80 held at 50
        eu: unit 2 / us: unit 3                        | eu=10 us=5       | open   | 6 | 35_000_000    | 10 × 2 + 5 × 3
        eu: unit 2 / us: unit 3, included 12           | eu=10 us=5       | open   | 6 | 9_000_000     | eu all, us 2 included; 3 × 3
        eu: unit 2 included 4 / us: unit 3, included 8 | eu=10 us=5       | open   | 6 | 9_000_000     | eu 4 + 6, then 2 of us; 3 × 3
        eu: flat 9 / us: package 1 size 4, max 10      | eu=1 us=9        | open   | 6 | 10_000_000    | 9 + 3 held at 10
        eu: unit 2 / us: unit 3, markup 0.2            | eu=10 us=5       | open   | 6 | 42_000_000    | 35 × 1.2
        unit 2, margin 0.2                             | 10               | open   | 6 | 25_000_000    | 20 ÷ 0.8: a fifth of 25 is kept
        unit 2, margin 0.3                             | 10               | open   | 6 | 28_571_429    | 20 ÷ 0.7 = 28.5714285…
        unit 2, off 0.15                               | 10               | open   | 6 | 17_000_000    | 20 × 0.85
        unit 2, markup 0.5 max 25                      | 10               | open   | 6 | 25_000_000    | 30 held at 25
        unit 2 => unit 3                               | 10 => 4          | open   | 6 | 32_000_000    | 10 × 2 + 4 × 3
        unit 2 => unit 3                               | 0 => 4           | open   | 6 | 12_000_000    | 4 × 3
        unit 2 => unit 3                               | 10 => -4         | open   | 6 | 8_000_000     | 10 × 2 − 4 × 3
        flat 10 => flat 15                             | 1 => 1           | open   | 6 | 10_000_000    | once, at the first price
        package 5 size 100 => package 6 size 100       | 150 => 40        | open   | 6 | 10_000_000    | 190 still fit the two begun
        package 5 size 100 => package 6 size 100       | 150 => 60        | open   | 6 | 16_000_000    | the third is begun at 6
        graduated 10@4 rest@1 => graduated 10@5 rest@2 | 8 => 6           | open   | 6 | 50_000_000    | 8 × 4, then 2 × 5 and 4 × 2
        volume 10@4 rest@1 => volume 10@4 rest@1       | 8 => 6           | open   | 6 | 14_000_000    | 14 × 1, all in the second tier
        unit 2 included 5 => unit 3 included 5         | 4 => 4           | open   | 6 | 9_000_000     | one more included; 3 × 3
        unit 2, max 50 => unit 3, max 60               | 40 => 10         | open   | 6 | 60_000_000    | 80 held at 50, then 10 more
        unit 2, max 50 => unit 3                       | 40 => 1          | open   | 6 | 53_000_000    | held at 50, which stays; then 3
        unit 2, max 50 => unit 3, max 20               | 40 => 1          | open   | 6 | 50_000_000    | no room under 20; 50 stays charged
        unit 2, min 90 => unit 3, min 40               | 10 => 5          | closed | 6 | 40_000_000    | 35 lifted to the last minimum
        eu: unit 2 / us: unit 3 => eu: unit 4          | eu=5 us=5 => eu=1 | open  | 6 | 29_000_000    | 10 + 15, then 4
        unit 2.5 per 3600                              | 3600             | open   | 2 | 2_500_000     | 250 cents an hour, one hour
        unit 2.5 per 3600                              | 1                | open   | 2 | 0             | 250 ÷ 3600 = 0.069 cents
        unit 2.5 per 3600                              | 8                | open   | 2 | 10_000        | 2000 ÷ 3600 = 0.556 cents
        unit 0.01 per 3600                             | 1800             | open   | 2 | 10_000        | exactly half a cent goes up
        unit 0.01 per 3600                             | 1799             | open   | 2 | 0             | just below half a cent
        unit 1.99 per 3600                             | 94600            | open   | 2 | 52_290_000    | 8 × 11,825 s: 5229.28 cents
        unit 2.5 per 3600                              | 3600             | open   | 6 | 2_500_000     | the same in micros
        unit 2.5 per 3600                              | 1                | open   | 6 | 694           | 694.44 micros
        unit 2.5 per 3600                              | 8                | open   | 6 | 5_556         | 5,555.56 micros
        unit 0.01 per 3600                             | 1800             | open   | 6 | 5_000         | half a cent is 5,000 micros
        unit 0.01 per 3600                             | 1799             | open   | 6 | 4_997         | 4,997.22 micros
        unit 1.99 per 3600                             | 94600            | open   | 6 | 52_292_778    | 52,292,777.78 micros
        """;

    public static TheoryData<string> Rows => [.. Examples.Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Comes_to_what_the_definition_says(string row)
    {
        string[] columns = [.. row.Split('|').Select(column => column.Trim())];
        var scale = int.Parse(columns[3], CultureInfo.InvariantCulture);
        var isClosed = columns[2] == "closed";
        var quantities = columns[1].Split("=>");
        PricedQuantity[] parts =
        [
            .. columns[0].Split("=>")
                .Select((text, hour) => PriceText.Version(PriceText.Terms(text.Trim()), hour, scale))
                .SelectMany((version, index) => PriceText.Quantities(version, quantities[index])),
        ];

        Rating.Micros(parts, isClosed).ShouldBe((long)PriceText.Number(columns[4]), columns[5]);

        var explained = Rating.Explain(parts, isClosed);
        explained.Micros.ShouldBe((long)PriceText.Number(columns[4]));
        explained.Steps.Aggregate(Quoin.Kernel.ExactFraction.Zero, (sum, step) => sum + step.Amount)
            .ShouldBe(Rating.Amount(parts, isClosed));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    public void Overflows_to_nothing_where_the_reference_says_so(int scale)
    {
        // 9,223,372,036,854,775,807 cents an hour, two of them for an hour.
        var version = PriceText.Version(PriceTerms.PerUnit(92_233_720_368_547_758.07m, 3600), 0, scale);

        Rating.Micros([new PricedQuantity(version, PriceCell.Whole, 2 * 3600)]).ShouldBeNull();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    public void Charges_sixty_minutes_at_a_dollar_an_hour_one_dollar(int scale)
    {
        // Each minute is 1.67 cents: rounded alone, 60 of them would come to 1.20.
        var version = PriceText.Version(PriceTerms.PerUnit(1m, 3600), 0, scale);
        var totals = Enumerable.Range(0, 61)
            .Select(minutes => Rating.Micros([new PricedQuantity(version, PriceCell.Whole, minutes * 60)])!.Value)
            .ToArray();

        totals.Zip(totals.Skip(1), (before, after) => after - before).Sum().ShouldBe(1_000_000);
    }
}
