using System.Text;
using Quoin.Accounts;

namespace Quoin.Tests.Unit.Foundation.Accounts;

/// <summary>RFC 6238, appendix B, and what RFC 6238 asks of who checks a code.</summary>
public sealed class CountingTimeInCodes
{
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("12345678901234567890");
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_111_111_111);

    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1_111_111_109, "07081804")]
    [InlineData(1_111_111_111, "14050471")]
    [InlineData(1_234_567_890, "89005924")]
    [InlineData(2_000_000_000, "69279037")]
    [InlineData(20_000_000_000, "65353130")]
    public void Gives_the_codes_of_the_rfc(long seconds, string code)
    {
        var step = Totp.StepOf(DateTimeOffset.FromUnixTimeSeconds(seconds));

        Totp.CodeAt(Secret, step, digits: 8).ShouldBe(code);
        Totp.CodeAt(Secret, step).ShouldBe(code[2..]);
    }

    // RFC 4226, appendix D: the same hash over a plain counter.
    [Theory]
    [InlineData(0, "755224")]
    [InlineData(1, "287082")]
    [InlineData(2, "359152")]
    [InlineData(9, "520489")]
    public void Gives_the_codes_of_the_counter_it_is_made_of(long step, string code) =>
        Totp.CodeAt(Secret, step).ShouldBe(code);

    [Fact]
    public void Takes_a_code_one_step_early_or_late_and_no_other()
    {
        var present = Totp.StepOf(Now);

        foreach (var off in new[] { -1, 0, 1 })
        {
            Totp.Match(Secret, Totp.CodeAt(Secret, present + off), Now, null).ShouldBe(present + off);
        }

        foreach (var off in new[] { -2, 2 })
        {
            Totp.Match(Secret, Totp.CodeAt(Secret, present + off), Now, null).ShouldBeNull();
        }
    }

    [Fact]
    public void Takes_each_step_once_and_none_before_the_last()
    {
        var present = Totp.StepOf(Now);

        Totp.Match(Secret, Totp.CodeAt(Secret, present), Now, present).ShouldBeNull();
        Totp.Match(Secret, Totp.CodeAt(Secret, present - 1), Now, present).ShouldBeNull();
        Totp.Match(Secret, Totp.CodeAt(Secret, present + 1), Now, present).ShouldBe(present + 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("05047")]
    [InlineData("0504711")]
    [InlineData("０５０４７１")]
    [InlineData("050 471")]
    public void Takes_nothing_that_only_looks_like_a_code(string code) =>
        Totp.Match(Secret, code, Now, null).ShouldBeNull();

    // RFC 4648, section 10, and the secret the apps' documentation shows.
    [Theory]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foob", "MZXW 6YQ")]
    [InlineData("foobar", "MZXW 6YTB OI")]
    [InlineData("12345678901234567890", "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ")]
    public void Writes_secrets_so_that_people_can_type_them(string secret, string text) =>
        Totp.Text(Encoding.ASCII.GetBytes(secret)).ShouldBe(text);

    [Fact]
    public void Writes_the_address_apps_read() =>
        Totp.Uri(Secret, "ada@example.com").ShouldBe(
            "otpauth://totp/Quoin:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Quoin"
            + "&algorithm=SHA1&digits=6&period=30");
}
