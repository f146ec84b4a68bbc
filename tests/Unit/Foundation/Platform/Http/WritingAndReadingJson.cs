using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Tests.Unit.Foundation.Platform.Http;

public sealed class WritingAndReadingJson
{
    private static readonly OrgId Org = OrgId.From(new Guid("019a1b2c-3d4e-7f50-8a6b-7c8d9e0f1a2b"));

    [Fact]
    public void Money_is_its_currency_and_its_micros()
    {
        Written(new Money(-1_500_000, Currency.Usd)).ShouldBe("""{"currency":"USD","amount_micros":-1500000}""");
    }

    [Theory]
    [InlineData("""{"currency":"USD"}""")]
    [InlineData("""{"amount_micros":1}""")]
    [InlineData("""{"currency":"usd","amount_micros":1}""")]
    [InlineData("""{"currency":"USD","amount_micros":1.5}""")]
    [InlineData("""{"currency":"USD","amount_micros":"1"}""")]
    [InlineData("""{"currency":"USD","amount_micros":9223372036854775808}""")]
    [InlineData("""{"currency":"USD","amount_micros":1,"amount_micros":2}""")]
    [InlineData("""{"currency":"USD","amount_micros":1,"scale":6}""")]
    [InlineData("""{"currency":["USD"],"amount_micros":1}""")]
    [InlineData("12")]
    public void Money_in_any_other_shape_is_refused(string json)
    {
        Should.Throw<JsonException>(() => Read<Money>(json));
    }

    [Fact]
    public void Any_money_comes_back_as_it_went()
    {
        var money = from micros in ArbMap.Default.GeneratorFor<long>()
                    from code in Gen.Elements("USD", "USDC", "EUR")
                    select new Money(micros, Currency.Of(code));

        Prop.ForAll(money.ToArbitrary(), one => Read<Money>(Written(one)) == one).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Ids_are_prefixed_text_as_values_and_as_member_names()
    {
        Written(Org).ShouldBe($"\"{Org}\"");
        Read<OrgId>($"\"{Org}\"").ShouldBe(Org);
        Read<OrgId?>("null").ShouldBeNull();

        var byOrg = new Dictionary<OrgId, int> { [Org] = 1 };
        Read<Dictionary<OrgId, int>>(Written(byOrg)).ShouldBe(byOrg);
    }

    [Fact]
    public void An_id_of_another_type_is_refused()
    {
        var user = UserId.From(Org.Value);

        Should.Throw<JsonException>(() => Read<OrgId>($"\"{user}\"")).Message.ShouldContain("org_");
    }

    [Theory]
    [InlineData("2.50", "2.5")]
    [InlineData("1000000", "1000000")]
    [InlineData("0.0000000000000000000000000001", "0.0000000000000000000000000001")]
    [InlineData("1E+3", "1000")]
    [InlineData("-0.10", "-0.1")]
    public void Decimals_are_text_with_every_digit_and_are_read_from_text_or_number(string given, string written)
    {
        Written(Read<decimal>(given)).ShouldBe($"\"{written}\"");
        Written(Read<decimal>($"\"{given}\"")).ShouldBe($"\"{written}\"");
    }

    [Theory]
    [InlineData("1.00000000000000000000000000001")]
    [InlineData("0.33333333333333333333333333333333333")]
    [InlineData("1e-29")]
    [InlineData("15e-29")]
    [InlineData("1e29")]
    [InlineData("1e999999999999")]
    public void A_decimal_that_would_be_rounded_is_refused(string json)
    {
        Should.Throw<JsonException>(() => Read<decimal>(json));
    }

    [Theory]
    [InlineData("\"+1\"")]
    [InlineData("\".5\"")]
    [InlineData("\"1.\"")]
    [InlineData("\"007\"")]
    [InlineData("\"1,000\"")]
    [InlineData("\" 1\"")]
    [InlineData("\"NaN\"")]
    [InlineData("\"\"")]
    [InlineData("true")]
    public void Text_that_is_no_JSON_number_is_no_decimal(string json)
    {
        Should.Throw<JsonException>(() => Read<decimal>(json));
    }

    [Fact]
    public void Any_decimal_comes_back_as_it_went()
    {
        Prop.ForAll<decimal>(number => Read<decimal>(Written(number)) == number).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Instants_are_written_in_UTC_with_no_more_fraction_than_they_have()
    {
        Written(new DateTimeOffset(2026, 11, 20, 10, 15, 0, TimeSpan.FromHours(2))).ShouldBe("\"2026-11-20T08:15:00Z\"");
        Written(DateTimeOffset.UnixEpoch.AddMicroseconds(1)).ShouldBe("\"1970-01-01T00:00:00.000001Z\"");
    }

    [Fact]
    public void Members_are_snake_case_and_strict()
    {
        const string whole = """{"first_name":"Ada","kind":"very_good","count":1}""";

        Written(new Person("Ada", Kind.VeryGood, 1)).ShouldBe(whole);
        Read<Person>(whole).ShouldBe(new Person("Ada", Kind.VeryGood, 1));
        Read<Person>("""{"first_name":"Ada","kind":"very_good"}""").Count.ShouldBe(7);
        Should.Throw<JsonException>(() => Read<Person>("""{"first_name":"Ada","kind":"very_good","age":1}"""));
        Should.Throw<JsonException>(() => Read<Person>("""{"first_name":"Ada","kind":0}"""));
        Should.Throw<JsonException>(() => Read<Person>("""{"first_name":null,"kind":"very_good"}"""));
        Should.Throw<JsonException>(() => Read<Person>("""{"kind":"very_good"}"""));
        Should.Throw<JsonException>(() => Read<Person>("""{"first_name":"A","first_name":"B","kind":"very_good"}"""));
        Should.Throw<JsonException>(() => Read<Person>("""{"first_name":"A","kind":"very_good","count":"1"}"""));
    }

    private static string Written<T>(T value) => JsonSerializer.Serialize(value, JsonConventions.Options);

    private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, JsonConventions.Options)!;

    private enum Kind
    {
        Good,
        VeryGood,
    }

    private sealed record Person(string FirstName, Kind Kind, int Count = 7);
}
